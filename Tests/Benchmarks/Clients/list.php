<?php
// Lists all tickets as a script would: php list.php ADDRESS plain|json
// Prints the columns of `vectis list tickets`, or one JSON object a line.
[, $address, $mode] = $argv;

$curl = curl_init();
curl_setopt_array($curl, [CURLOPT_RETURNTRANSFER => true, CURLOPT_PROXY => '']);
curl_setopt_array($curl, [
    CURLOPT_URL => "$address/auth/token", CURLOPT_POST => true,
    CURLOPT_POSTFIELDS => 'grant_type=client_credentials&client_id=x&client_secret=x&scope=all',
]);
$token = json_decode(curl_exec($curl), true)['access_token'];
curl_setopt_array($curl, [CURLOPT_HTTPGET => true, CURLOPT_HTTPHEADER => ["Authorization: Bearer $token"]]);

function date_of($text) { return $text && $text >= '1980' ? substr($text, 0, 19) . 'Z' : ''; }
function phase($row) { return ($row['hasbeenclosed'] ?? false) ? 'closed' : (($row['onhold'] ?? false) ? 'waiting' : 'open'); }
function name($row, $number, $label) { return ($row[$number] ?? 0) <= 0 ? '' : (string) (($row[$label] ?? '') ?: $row[$number]); }
function cut($text, $width)
{
    if (strlen($text) <= $width) return str_pad($text, $width);
    $count = preg_match_all('/./us', $text, $characters);
    if ($count <= $width) return $text . str_repeat(' ', $width - $count);
    return implode('', array_slice($characters[0], 0, $width - 1)) . '…';
}
function plain($row)
{
    return implode('  ', [
        cut((string) $row['id'], 8), cut(phase($row), 7), cut(name($row, 'status_id', 'status_name'), 6),
        cut(name($row, 'priority_id', 'priority_name'), 4), cut(date_of($row['last_update'] ?? ''), 20),
        cut(name($row, 'client_id', 'client_name'), 26), $row['summary'],
    ]);
}
function reference($row, $number, $label)
{
    if (($row[$number] ?? 0) <= 0) return null;
    return empty($row[$label]) ? ['id' => (string) $row[$number]] : ['id' => (string) $row[$number], 'name' => $row[$label]];
}
function as_json($row, $address)
{
    $members = [
        'id' => (string) $row['id'], 'number' => (string) $row['id'], 'summary' => $row['summary'], 'details' => $row['details'] ?? null,
        'company' => reference($row, 'client_id', 'client_name'), 'contact' => reference($row, 'user_id', 'user_name'),
        'type' => reference($row, 'tickettype_id', 'tickettype_name'), 'status' => reference($row, 'status_id', 'status_name'),
        'phase' => phase($row), 'priority' => reference($row, 'priority_id', 'priority_name'),
        'assignee' => ($row['agent_id'] ?? 0) === 1 ? null : reference($row, 'agent_id', 'agent_name'),
        'createdAt' => date_of($row['dateoccurred'] ?? ''), 'updatedAt' => date_of($row['last_update'] ?? ''),
        'lastActivityAt' => date_of($row['lastactiondate'] ?? ''), 'closedAt' => date_of($row['dateclosed'] ?? ''),
        'dueAt' => date_of($row['deadlinedate'] ?? '') ?: date_of($row['fixbydate'] ?? ''),
        'webAddress' => "$address/ticket?id={$row['id']}",
    ];
    return json_encode(
        array_filter($members, fn($value) => $value !== null && $value !== ''), JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
}

if ($mode === 'plain') echo "ID        PHASE    STATUS  PRIO  CHANGED               COMPANY                     SUMMARY\n";
for ($page = 1; ; $page++) {
    $query = "pageinate=true&page_no=$page&page_size=100&order=id&orderdesc=false&includeclosed=true";
    curl_setopt($curl, CURLOPT_URL, "$address/api/Tickets?$query");
    $rows = json_decode(curl_exec($curl), true)['tickets'];
    if (!$rows) break;
    $out = '';
    foreach ($rows as $row) $out .= ($mode === 'plain' ? plain($row) : as_json($row, $address)) . "\n";
    echo $out;
}
