// Written by `make embed`; change the original, or the list in .ci/embed. The text keeps its own lines and length:
// swift-format-ignore-file

extension EmbeddedFile {
    static let connectAutotaskPSA = EmbeddedFile(
        path: "Docs/ConnectAutotaskPSA.md",
        text: ###"""
# Connect Autotask PSA

> **This connector is a placeholder. It can't connect yet.** Its settings can be shown and checked. Testing it, and
> every operation, answers `connector.placeholder`, and no request is made. The steps below tell where the values are
> found.

## What you need

- An account in Autotask PSA that can create an API user.
- A place to keep a secret that Autotask PSA does not show again.

| Setting | Key | Environment |
| --- | --- | --- |
| Username (Key) | `username` | `AUTOTASK_USERNAME` |
| Password (Secret) | `secret` | `AUTOTASK_SECRET` |
| API Tracking Identifier | `integrationCode` | `AUTOTASK_INTEGRATION_CODE` |
| Zone URL, optional | `zoneURL` | `AUTOTASK_ZONE_URL` |

## 1. Create the API user

1. Open **Admin → Organization Settings & Users → Resources/Users (HR) → Resources/Users**. Older versions call the
   second step Company Settings & Users or Account Settings & Users.
2. Open the menu beside **New** and choose **New API User**.
3. Fill in the **General** section. As security level **API User (system) (API-only)** works; to allow less, copy it and
   narrow the copy.
4. Set the line of business associations if you use them: tickets and contracts of a missing one stay hidden.

Keep the form open for the next two steps. An API user is free, can't log in to Autotask PSA itself and can't be given
tickets.

## 2. Generate the key and the secret

1. In the **Credentials** section press **Generate Key** and copy **Username (Key)**. It looks like an e-mail address,
   and it is not the one in the Email Address field.
2. Press **Generate Secret** and copy **Password (Secret)**. It is not shown again once you save.

A few wrong secrets in a row lock the user. To unlock it, clear **Locked** on the same page. New credentials may need
about five minutes before they work.

## 3. Choose the API tracking identifier

In the **API Tracking Identifier** section choose **Custom (Internal Integration)** and copy the tracking identifier
that appears. **Integration Vendor** is for products on Autotask's list; their makers hold the identifier. Then choose
**Save & Close**.

## 4. The zone

Autotask PSA runs in many zones, and each tenant lives in one of them. Leave the zone URL empty: the zone follows from
the username, and a tenant can be moved to another. The setting is for bypassing that lookup. It takes the host of a
zone's web service, such as `https://webservices5.autotask.net`, which is not the host at which you log in.

## Check the settings

```sh
vectis connectors show autotask
vectis test autotask
```

The first command lists the settings. The second checks them, names every one that is missing or can't be right, and
then answers that the connector is a placeholder.

"""###)
}
