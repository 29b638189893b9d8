// Written by `make embed`; change the original, or the list in .ci/embed. The text keeps its own lines and length:
// swift-format-ignore-file

extension EmbeddedFile {
    static let connectHaloPSA = EmbeddedFile(
        path: "Docs/ConnectHaloPSA.md",
        text: ####"""
# Connect HaloPSA

HaloPSA lets a program in through an API application: an entry in its configuration with an ID, a secret and a list of
permissions. This guide creates one and hands its values over. It takes about five minutes.

## What you need

- An account in HaloPSA that can open its configuration.
- A HaloPSA agent as whom the connection will act. Its rights limit what the connection can do, so give it one of its
  own.
- A place to keep a secret that HaloPSA shows only once.

At the end you have these values:

| Setting | Needed | Example | Found in |
| --- | --- | --- | --- |
| Tenant URL | yes | `https://acme.halopsa.com` | [step 5](#5-find-the-tenant-url) |
| Client ID | yes | `00000000-0000-0000-0000-000000000000` | [step 4](#4-copy-the-client-id-and-secret) |
| Client secret | yes | two IDs of that shape, joined by a hyphen | [step 4](#4-copy-the-client-id-and-secret) |
| Tenant | rarely | `acme` | [step 6](#6-find-the-tenant-name) |
| Scope | no, `all` if left out | `all` | [step 2](#2-grant-permissions) |

## 1. Create the application

1. In HaloPSA open **Config → Integrations → HaloPSA API → View Applications** and choose **New**.
2. Give it a name that tells who uses it, such as `Vectis`.
3. Set **Authentication Method** to **Client ID and Secret (Services)**. The other methods expect a person to log in.
4. Tick **Active**.
5. Keep the form open: steps 2 and 3 complete it, and step 4 saves it.

If your HaloPSA requires agent approval for applications, an administrator has to enable this one before it gets a
token. Ask for that now.

## 2. Grant permissions

On the **Permissions** tab grant `all`. If you prefer the smallest set, grant these and enter them as the scope,
separated by spaces:

```text
read:tickets edit:tickets read:customers read:crm read:contracts read:invoices
```

| Permission | What it is for |
| --- | --- |
| `read:tickets` | tickets and their notes |
| `edit:tickets` | creating tickets, adding notes, replying, changing the status |
| `read:customers`, `read:crm` | customers as companies, their users as contacts |
| `read:contracts` | contracts as agreements |
| `read:invoices` | recurring invoices |

Leave out what you don't use: without `edit:tickets` the connection only reads. Agents and the lists of ticket types,
statuses and priorities need no permission of their own. A scope such as `read:agents` or `read:users` does not exist,
and HaloPSA refuses a request that names it.

A token keeps the permissions it was issued with. After you change them here, test again.

## 3. Choose the login agent

1. Set **Login Type** to **Agent**. With another type HaloPSA issues tokens and then refuses every request with 403.
2. Choose the agent in **Agent to log in as**.

The connection may do what the application's permissions **and** this agent's rights both allow. An agent who is limited
to one customer makes the connection see that customer only: the other rows are missing, and there is no error.

## 4. Copy the client ID and secret

1. Save the application.
2. Copy the **Client Secret** at once. HaloPSA shows it this one time; if it is lost, you have to generate another.
3. Copy the **Client ID** as it reads **after** saving. It may change on saving, so a copy made earlier may be
   worthless.

The client ID is one ID of the form `00000000-0000-0000-0000-000000000000`; the secret is two of them joined by a
hyphen. Anything shorter was cut off while copying.

## 5. Find the tenant URL

It is the address at which you log in to HaloPSA, up to the host: `https://acme.halopsa.com`. Your own domain works the
same way. Add no `/api`, no `/auth` and no trailing slash. If you paste one of these along, it is removed.

It must be the installation in which you created the application. A test system and the live one are two installations,
each with its own applications.

## 6. Find the tenant name

**Config → Integrations → HaloPSA API** shows three values: Resource Server, Authorisation Server and **Tenant**. Leave
the setting empty at first: a tenant URL with a host of your own already says which tenant is meant. Enter the tenant
shown there if the test reports that the tenant is unknown. For HaloPSA on your own servers it stays empty.

## 7. Paste and test

In Vectis:

1. Open **Integrations** and press **Configure** on the HaloPSA card.
2. Paste the tenant URL, the client ID and the client secret. Leave **Scope** empty unless you granted less than `all`, and **Tenant**
   unless step 6 asks for it. Each field has a link to the step that leads to its value.
3. Press **Test**. The checks appear as they finish; then it says `Connected to acme.halopsa.com`, or what to change.
4. Press **Save**. What was not seen to work is saved only if you tick the box that then appears.

On the command line the settings come from the environment:

```bash
export HALOPSA_TENANT_URL=https://acme.halopsa.com
export HALOPSA_CLIENT_ID=00000000-0000-0000-0000-000000000000
read -rs HALOPSA_CLIENT_SECRET && export HALOPSA_CLIENT_SECRET
vectis test halopsa
```

`read -rs` takes the secret from the keyboard without showing it or leaving it in the shell's history. To take it from a
file instead, pass `--setting-file clientSecret=PATH`. Set `HALOPSA_SCOPE` if you granted less than `all`, and
`HALOPSA_TENANT` only if step 6 asks for it. `vectis connectors show halopsa` lists every setting.

In a program the same values go to the registry's `connect` under the keys `tenantURL`, `clientID`, `clientSecret`,
`tenant` and `scope`.

The test tries the address, the credentials, the granted permissions and one read of each kind of data. If all is well
it says

```text
Connected to acme.halopsa.com
```

Otherwise it says what failed, why, and what to change; causes that a check has proven are marked as certain, and where another
value would have worked it is shown to be pasted. `vectis test halopsa --create-test-ticket` also creates a ticket marked as a
connection test, reads it back and deletes it; if deleting is not allowed it is closed, and the test says so. The section on [common errors](#common-errors) has more about
each case.

## 8. Ticket defaults

Skip this step and the next if you only read. A new ticket in HaloPSA has:

- a **ticket type**, which practically every installation demands. It decides which other fields must be filled in, so
  choose one without mandatory fields beyond summary and details. HaloPSA keeps them under **Config → Tickets → Ticket
  Types**;
- a **status**, optional; without one HaloPSA starts the ticket as its type says;
- a **priority**, optional. It must belong to the service level agreement (SLA) of the ticket type. The same number may
  stand under several SLAs.

In Vectis press **Ticket defaults** on the connection and choose them from HaloPSA's own lists; which priorities there are depends on the
type. If the lists can't be read, the numbers can be typed. **Create a test ticket** tries them.

Elsewhere they are the settings `ticketTypeID` (in the environment `HALOPSA_TICKET_TYPE_ID`), `ticketStatusID` and
`ticketPriorityID`; a single ticket can name others. All three are given as numbers, because
their names can be changed at any time. These commands list them:

```sh
vectis list ticket-types --connector halopsa
vectis list statuses --connector halopsa
vectis list priorities --connector halopsa
```

The numbers differ from one installation to the next. Don't carry them over from a test system.

## 9. Outcomes for notes and replies

In HaloPSA every entry in a ticket's history is made by an action with an **outcome**. Two of them are needed, and each
is given by its name as HaloPSA shows it:

- `privateNoteOutcome`, for **private notes**, which only agents read; `Internal Note` unless you say otherwise;
- `replyOutcome`, for **replies**, which the ticket's user reads and is told about by e-mail; `Email User` unless you say
  otherwise.

The names differ between installations. A button may carry another label than the name of its outcome; the name counts.
The login agent must be allowed to use both; a workflow may offer an outcome in some of its steps only.

## 10. Request limits

HaloPSA's fair use policy allows 500 API requests in 3 minutes. Users of newer systems report 700 in 5 minutes. The
connector keeps to 500 in 5 minutes, which stays below both: the first 500 requests go out at once, later ones wait for
their place. If yours allows another number, `requestsPerFiveMinutes` sets it. Work that no person waits for leaves a
tenth of it free. A list comes in pages of at most 100 rows, so reading 100,000 tickets takes 1,000 requests and a
little more than five minutes.

Above the limit HaloPSA answers 429, here `rate.limited`. A refused read is repeated after the wait that HaloPSA asks
for, or after a growing one if it names none. A refused write is reported and not repeated.

## Common errors

### 400 or 401 when a token is requested

`auth.invalid_client`: HaloPSA did not accept the credentials. Look in this order:

1. The client ID or the secret is wrong or cut off. Copy the ID as it reads after saving; generate another secret if you
   are not sure of yours.
2. The [tenant URL](#5-find-the-tenant-url) is another installation than the one in which the application was made.
3. The application is not **Active**, or waits for [approval](#1-create-the-application).
4. Its authentication method is not **Client ID and Secret (Services)**.

If the scope contains a word that HaloPSA doesn't know, the code is `auth.scope_rejected`: correct it, or leave the
scope out.

### 403 on data

HaloPSA issued a token and then refused the data. There are two reasons, and they have different remedies:

- `permission.scope_missing`: the application lacks a permission. Widen it to `all`, or add read and edit for the kind
  of data that the message names; see [step 2](#2-grant-permissions). Widen the scope setting as well if you set one.
- `permission.role_denied`: the permission is there, but the [login agent](#3-choose-the-login-agent) may not see that
  part of HaloPSA, or the login type is not **Agent**. Change the agent's role, or choose another agent.

HaloPSA issues a token even if it grants less than was asked for. A token alone proves nothing, which is why the test
reads each kind of data once.

### 401 on single resources

A 401 on data does not mean that the credentials are wrong. HaloPSA also answers 401 with a valid token where a module
or a single record is not allowed: a list may be readable while one of its records is not. A token can also end before
its time.

So a 401 on data leads to one new token and one more try. If HaloPSA answers 401 again, the permission is missing;
proceed as with [403](#403-on-data). The rest of the connection keeps working.

### 404 on /auth/token

`auth.endpoint_not_found`: there is no HaloPSA behind the tenant URL, or it points beside it. Use the address at which
you log in, with no trailing slash and no `/api`. A misspelt host can answer too, because some providers answer for
every name; then the answer is a web page.

### 400 on a new ticket

HaloPSA names one problem at a time, so a second message may follow when the first is mended.

- `ticket.default_invalid`: the ticket type, status or priority does not exist, or does not belong together. Read the
  lists of [step 8](#8-ticket-defaults) again.
- `request.rejected`: HaloPSA misses a value or doesn't like one. What it said stands in the message. Often the ticket
  type demands a field; make the field optional in HaloPSA or choose another type.
- `permission.action_denied`, for notes and replies: the login agent may not use the
  [outcome](#9-outcomes-for-notes-and-replies).

### It is not known whether a ticket was created

`write.outcome_unknown`, exit status 4 on the command line: the request left, and no usable answer came back. The
connection broke, or HaloPSA or a gateway before it failed or gave up waiting, which happens after about 60 seconds.
**The ticket may exist.** HaloPSA does not recognise a repeated request, so it is never repeated by itself: a second try
could make a second ticket.

1. Look in HaloPSA for the ticket, by its summary and among the closed ones too. In a program, ask for it by the
   external reference you gave it.
2. Create it again only if it isn't there.

Give every ticket an external reference (`--external-reference`), so that it can be recognised. A search that finds
nothing is no proof on older versions of HaloPSA, which can't search by reference; look in HaloPSA itself then. Notes
and replies have no reference: look in the ticket's history.

"""####)
}
