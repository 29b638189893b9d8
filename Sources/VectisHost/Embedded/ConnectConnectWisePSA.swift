// Written by `make embed`; change the original, or the list in .ci/embed. The text keeps its own lines and length:
// swift-format-ignore-file

extension EmbeddedFile {
    static let connectConnectWisePSA = EmbeddedFile(
        path: "Docs/ConnectConnectWisePSA.md",
        text: ###"""
# Connect ConnectWise PSA

> **This connector is a placeholder. It can't connect yet.** Its settings can be shown and checked. Testing it, and
> every operation, answers `connector.placeholder`, and no request is made. The steps below tell where the values are
> found.

## What you need

- An account in ConnectWise PSA that can open **System → Members** and create an API member.
- A security role for that member.
- A place to keep a key that ConnectWise PSA shows only once.

| Setting | Key | Environment |
| --- | --- | --- |
| Site | `site` | `CONNECTWISE_SITE` |
| Company ID | `companyID` | `CONNECTWISE_COMPANY_ID` |
| Public Key | `publicKey` | `CONNECTWISE_PUBLIC_KEY` |
| Private Key | `privateKey` | `CONNECTWISE_PRIVATE_KEY` |
| Client ID | `clientID` | `CONNECTWISE_CLIENT_ID` |

## 1. Find the site

Log in and look at the address bar: the site is its host. In the cloud this is a regional host such as
`na.myconnectwise.net`; the other regions begin with `eu`, `au`, `aus` and `za`. If you host ConnectWise PSA yourself,
it is your own host. Give it as the browser shows it, without `api-` in front.

## 2. Find the company ID

It is what you type into the **Company** box when you log in: a short name, neither the one on your documents nor a
number. Keep upper and lower case as they are.

## 3. Create the API member

1. Open **System → Members**, choose the **API Members** tab and press **+**.
2. Fill in member ID, member name, role, level, name, location, department or business unit, and default territory.
3. Choose the level **Corporate (Level 1)**. On a lower level companies and agreements of other branches are missing,
   without an error.
4. Save.

The role decides what may be read and written: to inquire companies, agreements, members and table setup, and to add,
edit and inquire contacts and service tickets. Table setup is what makes boards, statuses, types and priorities
readable. An API member takes no licence and can't log in to ConnectWise PSA itself.

## 4. Create the key pair

1. On the API member's **API Keys** tab press **+** and enter a description.
2. Press **Save**, not **Save & Close**.
3. Copy **Public Key** and **Private Key**. The private key is shown this one time; if it is lost, create another pair.

## 5. The client ID

ConnectWise wants to know which integration a request comes from. This ID belongs to the integration and not to your
company: a product brings its own, so normally the host application supplies it and you leave the setting alone. Only if
you build an integration of your own do you register one, at developer.connectwise.com/ClientID. One that was registered
as private is valid for your own company alone.

## Check the settings

```sh
vectis connectors show connectwise
vectis test connectwise
```

The first command lists the settings. The second checks them, names every one that is missing or can't be right, and
then answers that the connector is a placeholder.

"""###)
}
