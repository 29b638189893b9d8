// The practical limit of listing tickets: libcurl and simdjson, with nothing a product needs beside it.
//
// limit ADDRESS plain|json|native: reads all pages with four requests in flight, as the connector does, and prints what `vectis list tickets`
// prints for them. It takes dates to be in UTC, counts a character per code point and removes only ASCII control characters; for the
// simulator's rows the output is the same, byte by byte.
#include <curl/curl.h>
#include <simdjson.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

using namespace simdjson;
using std::string;
using std::string_view;

enum class Mode { plain, json, native };

struct Request {
    CURL *handle = curl_easy_init();
    string url, body;
    bool done = false;
};

static size_t receive(char *bytes, size_t size, size_t count, void *request) {
    static_cast<Request *>(request)->body.append(bytes, size * count);
    return size * count;
}

static void quote(string &out, string_view text) {
    static const char digits[] = "0123456789abcdef";
    out += '"';
    size_t start = 0;
    for (size_t at = 0; at < text.size(); at++) {
        unsigned char byte = text[at];
        if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
        out.append(text.data() + start, at - start);
        start = at + 1;
        switch (byte) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        default: out += "\\u00"; out += digits[byte >> 4]; out += digits[byte & 15];
        }
    }
    out.append(text.data() + start, text.size() - start);
    out += '"';
}

// One line without control characters, padded to a width or cut to it; 0 leaves it as long as it is.
static void cell(string &out, string_view text, size_t width) {
    size_t start = out.size();
    out.append(text);
    for (size_t at = start; at < out.size(); at++)
        if (static_cast<unsigned char>(out[at]) < 0x20 || out[at] == 0x7F) out[at] = ' ';
    if (width == 0) return;
    size_t count = 0, cut = out.size();
    for (size_t at = start; at < out.size(); at++)
        if ((out[at] & 0xC0) != 0x80 && ++count == width) cut = at;
    if (count > width) {
        out.resize(cut);
        out += "…";
    } else {
        out.append(width - count, ' ');
    }
    out += "  ";
}

struct Row {
    int64_t id = 0, company = 0, contact = 0, type = 0, status = 0, priority = 0, agent = 0, merged = 0;
    string_view summary, details, companyName, contactName, typeName, statusName, priorityName, agentName, occurred, created, updated,
        activity, closedAt, deadline, fixBy, reference;
    bool closed = false, onHold = false, deleted = false;
};

static string_view text(ondemand::value value) {
    string_view found;
    return value.get_string().get(found) ? string_view() : found;
}

// Whole seconds of a date that is not one of the vendor's marks for none.
static bool isDate(string_view date) { return date.size() >= 19 && date.substr(0, 4) >= "1980"; }

static int64_t number(ondemand::value value) {
    int64_t found = 0;
    return value.get_int64().get(found) ? 0 : found;
}

static bool flag(ondemand::value value) {
    bool found = false;
    return value.get_bool().get(found) ? false : found;
}

static void read(Row &row, string_view key, ondemand::value value) {
    switch (key.size()) {
    case 2: if (key == "id") row.id = number(value); break;
    case 6: if (key == "onhold") row.onHold = flag(value); break;
    case 7:
        if (key == "summary") row.summary = text(value);
        else if (key == "details") row.details = text(value);
        else if (key == "user_id") row.contact = number(value);
        else if (key == "deleted") row.deleted = flag(value);
        break;
    case 8: if (key == "agent_id") row.agent = number(value); break;
    case 9:
        if (key == "status_id") row.status = number(value);
        else if (key == "client_id") row.company = number(value);
        else if (key == "user_name") row.contactName = text(value);
        else if (key == "fixbydate") row.fixBy = text(value);
        break;
    case 10:
        if (key == "agent_name") row.agentName = text(value);
        else if (key == "dateclosed") row.closedAt = text(value);
        break;
    case 11:
        if (key == "priority_id") row.priority = number(value);
        else if (key == "client_name") row.companyName = text(value);
        else if (key == "status_name") row.statusName = text(value);
        else if (key == "last_update") row.updated = text(value);
        else if (key == "datecreated") row.created = text(value);
        break;
    case 12:
        if (key == "deadlinedate") row.deadline = text(value);
        else if (key == "dateoccurred") row.occurred = text(value);
        break;
    case 13:
        if (key == "tickettype_id") row.type = number(value);
        else if (key == "priority_name") row.priorityName = text(value);
        else if (key == "hasbeenclosed") row.closed = flag(value);
        break;
    case 14:
        if (key == "lastactiondate") row.activity = text(value);
        else if (key == "merged_into_id") row.merged = number(value);
        break;
    case 15: if (key == "tickettype_name") row.typeName = text(value); break;
    case 21: if (key == "third_party_id_string") row.reference = text(value); break;
    }
}

static const char *phase(const Row &row) { return row.closed ? "closed" : row.onHold ? "waiting" : "open"; }

static void member(string &out, string_view name, string_view text) {
    if (text.empty()) return;
    (out += ",\"").append(name) += "\":";
    quote(out, text);
}

static void reference(string &out, string_view name, int64_t id, string_view label) {
    if (id <= 0) return;
    (((out += ",\"").append(name) += "\":{\"id\":\"") += std::to_string(id)) += '"';
    member(out, "name", label);
    out += '}';
}

static void date(string &out, string_view name, string_view first, string_view second = {}) {
    string_view date = isDate(first) ? first : second;
    if (!isDate(date)) return;
    ((out += ",\"").append(name) += "\":\"").append(date.substr(0, 19)) += "Z\"";
}

static void printPlain(string &out, const Row &row) {
    auto name = [](string_view label, int64_t id) { return id <= 0 ? string() : label.empty() ? std::to_string(id) : string(label); };
    cell(out, std::to_string(row.id), 8);
    cell(out, phase(row), 7);
    cell(out, name(row.statusName, row.status), 6);
    cell(out, name(row.priorityName, row.priority), 4);
    cell(out, isDate(row.updated) ? string(row.updated.substr(0, 19)) + "Z" : string(), 20);
    cell(out, name(row.companyName, row.company), 26);
    cell(out, row.summary, 0);
    out += '\n';
}

static void printJSON(string &out, const Row &row, const string &base, string_view native) {
    string id = std::to_string(row.id);
    (((out += "{\"id\":\"") += id) += "\",\"number\":\"") += id;
    out += "\",\"summary\":";
    quote(out, row.summary);
    member(out, "details", row.details);
    reference(out, "company", row.company, row.companyName);
    reference(out, "contact", row.contact, row.contactName);
    reference(out, "type", row.type, row.typeName);
    reference(out, "status", row.status, row.statusName);
    member(out, "phase", phase(row));
    reference(out, "priority", row.priority, row.priorityName);
    if (row.agent != 1) reference(out, "assignee", row.agent, row.agentName);
    date(out, "createdAt", row.occurred, row.created);
    date(out, "updatedAt", row.updated);
    date(out, "lastActivityAt", row.activity);
    date(out, "closedAt", row.closedAt);
    date(out, "dueAt", row.deadline, row.fixBy);
    member(out, "externalReference", row.reference);
    (((out += ",\"webAddress\":\"") += base) += "/ticket?id=") += id;
    out += '"';
    if (row.merged > 0 && row.merged != row.id) ((out += ",\"mergedInto\":\"") += std::to_string(row.merged)) += '"';
    if (row.deleted) out += ",\"deleted\":true";
    if (!native.empty()) (out += ",\"native\":").append(native);
    out += "}\n";
}

int main(int count, char **words) {
    if (count != 3) return 2;
    const string base = words[1], kind = words[2];
    const Mode mode = kind == "json" ? Mode::json : kind == "native" ? Mode::native : Mode::plain;
    curl_global_init(CURL_GLOBAL_DEFAULT);

    const int inFlight = 4;
    Request requests[inFlight];
    for (Request &request : requests) {
        request.body.reserve(1 << 20);
        curl_easy_setopt(request.handle, CURLOPT_WRITEFUNCTION, receive);
        curl_easy_setopt(request.handle, CURLOPT_WRITEDATA, &request);
        curl_easy_setopt(request.handle, CURLOPT_PRIVATE, &request);
        curl_easy_setopt(request.handle, CURLOPT_BUFFERSIZE, 262144L);
    }

    Request login;
    login.url = base + "/auth/token";
    curl_easy_setopt(login.handle, CURLOPT_URL, login.url.c_str());
    curl_easy_setopt(login.handle, CURLOPT_POSTFIELDS, "grant_type=client_credentials&client_id=x&client_secret=x&scope=all");
    curl_easy_setopt(login.handle, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(login.handle, CURLOPT_WRITEDATA, &login);
    if (curl_easy_perform(login.handle) != CURLE_OK) return 1;
    ondemand::parser parser;
    padded_string answer(login.body);
    ondemand::document grant = parser.iterate(answer);
    const string header = "Authorization: Bearer " + string(string_view(grant["access_token"]));
    curl_slist *headers = curl_slist_append(nullptr, header.c_str());

    CURLM *multi = curl_multi_init();
    auto start = [&](int page) {
        Request &request = requests[page % inFlight];
        request.body.clear();
        request.done = false;
        request.url = base + "/api/Tickets?pageinate=true&page_no=" + std::to_string(page)
            + "&page_size=100&order=id&orderdesc=false&includeclosed=true";
        curl_easy_setopt(request.handle, CURLOPT_URL, request.url.c_str());
        curl_easy_setopt(request.handle, CURLOPT_HTTPHEADER, headers);
        curl_multi_add_handle(multi, request.handle);
    };
    for (int page = 1; page <= inFlight; page++) start(page);

    string out;
    if (mode == Mode::plain) {
        const char *titles[] = {"ID", "PHASE", "STATUS", "PRIO", "CHANGED", "COMPANY", "SUMMARY"};
        const size_t widths[] = {8, 7, 6, 4, 20, 26, 0};
        for (int column = 0; column < 7; column++) cell(out, titles[column], widths[column]);
        out += '\n';
    }
    int64_t last = 1 << 30;
    for (int page = 1; page <= last; page++) {
        Request &request = requests[page % inFlight];
        while (!request.done) {
            int running = 0, left = 0;
            if (curl_multi_perform(multi, &running) != CURLM_OK) return 1;
            while (CURLMsg *message = curl_multi_info_read(multi, &left)) {
                Request *finished = nullptr;
                curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &finished);
                if (message->data.result != CURLE_OK) return 1;
                finished->done = true;
                curl_multi_remove_handle(multi, finished->handle);
            }
            if (!request.done) curl_multi_poll(multi, nullptr, 0, 1000, nullptr);
        }
        request.body.reserve(request.body.size() + SIMDJSON_PADDING);
        ondemand::document document = parser.iterate(request.body.data(), request.body.size(), request.body.capacity());
        size_t rows = 0;
        int64_t total = 0;
        for (auto top : document.get_object()) {
            string_view name = top.unescaped_key();
            if (name == "record_count") { total = number(top.value()); continue; }
            if (name != "tickets") continue;
            for (ondemand::object object : top.value().get_array()) {
                Row row;
                for (auto field : object) {
                    const char *key = field.key().value().raw();
                    read(row, string_view(key, static_cast<const char *>(rawmemchr(key, '"')) - key), field.value());
                }
                rows++;
                if (mode == Mode::plain) printPlain(out, row);
                else printJSON(out, row, base, mode == Mode::native ? string_view(object.raw_json()) : string_view());
            }
        }
        if (rows == 0) break;
        if (page == 1) last = total / 100 + 1;
        if (page + inFlight <= last) start(page + inFlight);
        fwrite(out.data(), 1, out.size(), stdout);
        out.clear();
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
