import PSACore

extension ConnectorTemplates {
    var readme: String {
        """
        # \(name.displayName)

        A placeholder. It does not connect.

        ## What is there

        - `\(name.module)Descriptor.swift`: the id `\(name.id)`, two settings that are a guess, and no capability.
        - `\(name.module)Connector.swift`: a connector that answers `connector.placeholder` to everything and makes no request.
        - [\(name.guide)](../../\(name.guide)): where a person finds the values; its steps are still to be written.
        - `\(name.testFolder)`: holds all of this to its word.

        ## What is not there

        Every request. [Writing a connector](../../Docs/WritingAConnector.md) leads from here to one that connects.

        """
    }

    var guide: String {
        """
        # Connect \(name.displayName)

        > **This connector is a placeholder. It can't connect yet.** Its settings can be shown and checked. Testing it, and
        > every operation, answers `connector.placeholder`, and no request is made.

        ## What you need

        | Setting | Key | Environment |
        | --- | --- | --- |
        | Server URL | `\(Self.serverURL)` | `\(variable(SettingKey(Self.serverURL)))` |
        | API Key | `\(Self.apiKey)` | `\(variable(SettingKey(Self.apiKey)))` |

        ## \(Self.serverHeading)

        It is the address in the browser when you are logged in. Which page of \(name.displayName) shows it is not written
        down yet.

        ## \(Self.keyHeading)

        Where \(name.displayName) makes one, and what it has to allow, is not written down yet.

        ## Check the settings

        ```sh
        vectis connectors show \(name.id)
        vectis test \(name.id)
        ```

        The first command lists the settings. The second checks them, names every one that is missing or can't be right, and
        then answers that the connector is a placeholder.

        """
    }

    private func variable(_ key: SettingKey) -> String { key.environmentVariable(for: name.id) }
}
