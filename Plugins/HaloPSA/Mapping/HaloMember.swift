import PSACore

/// The members of rows that this connector reads.
///
/// They are listed in one place so that all of them are found in one pass over a row, which may have over a hundred.
enum HaloMember: Int, CaseIterable, Sendable {
    case actionID, actionDateCreated, active, agentID, agentName, canCreate, clientID, clientName, contentType, contractID
    case contractRef, contractStatus, contractTypeName, customFields, dateClosed, dateCreated, dateOccurred, dateTime
    case deadlineDate, defaultSLA, deleted, description, details, disabled, email, email2, email3, emailAddress, emailBody
    case emailBodyHTML, emailDirection, endDate, expired, fileName, fileSize, firstName, fixByDate, hasBeenClosed
    case hiddenFromUser, homeNumber, id, inactive, isAPIAgent, isDisabled, isHidden, lastUpdate, lastUpdated, lastActionDate
    case lastUpdateOfReplies, lines, mainPhoneNumber, mainSiteID, mainSiteName, mergedIntoID, mobileNumber, name
    case nextCreationDate, note, noteHTML, onHold, outcome, phoneNumber, priorityID, priorityName, priorityIDOfLists, ref
    case reference, sequence, showForUsers, siteID, siteName, sitePhoneNumber, slaID, startDate, started, statusID, statusName
    case summary, surname, thirdPartyID, ticketID, ticketTypeID, ticketTypeName, timeTaken, total, userID, userName, website
    case who, whoAgentID

    /// HaloPSA's name for it.
    var name: String {
        switch self {
        case .actionID: "action_id"
        case .actionDateCreated: "actiondatecreated"
        case .active: "active"
        case .agentID: "agent_id"
        case .agentName: "agent_name"
        case .canCreate: "cancreate"
        case .clientID: "client_id"
        case .clientName: "client_name"
        case .contentType: "content_type"
        case .contractID: "contract_id"
        case .contractRef: "contract_ref"
        case .contractStatus: "contract_status"
        case .contractTypeName: "contracttype_name"
        case .customFields: "customfields"
        case .dateClosed: "dateclosed"
        case .dateCreated: "datecreated"
        case .dateOccurred: "dateoccurred"
        case .dateTime: "datetime"
        case .deadlineDate: "deadlinedate"
        case .defaultSLA: "default_sla"
        case .deleted: "deleted"
        case .description: "desc"
        case .details: "details"
        case .disabled: "disabled"
        case .email: "email"
        case .email2: "email2"
        case .email3: "email3"
        case .emailAddress: "emailaddress"
        case .emailBody: "emailbody"
        case .emailBodyHTML: "emailbody_html"
        case .emailDirection: "emaildirection"
        case .endDate: "end_date"
        case .expired: "expired"
        case .fileName: "filename"
        case .fileSize: "filesize"
        case .firstName: "firstname"
        case .fixByDate: "fixbydate"
        case .hasBeenClosed: "hasbeenclosed"
        case .hiddenFromUser: "hiddenfromuser"
        case .homeNumber: "homenumber"
        case .id: "id"
        case .inactive: "inactive"
        case .isAPIAgent: "isapiagent"
        case .isDisabled: "isdisabled"
        case .isHidden: "ishidden"
        case .lastUpdate: "last_update"
        case .lastUpdated: "last_updated"
        case .lastActionDate: "lastactiondate"
        case .lastUpdateOfReplies: "lastupdate"
        case .lines: "lines"
        case .mainPhoneNumber: "main_phonenumber"
        case .mainSiteID: "main_site_id"
        case .mainSiteName: "main_site_name"
        case .mergedIntoID: "merged_into_id"
        case .mobileNumber: "mobilenumber"
        case .name: "name"
        case .nextCreationDate: "nextcreationdate"
        case .note: "note"
        case .noteHTML: "note_html"
        case .onHold: "onhold"
        case .outcome: "outcome"
        case .phoneNumber: "phonenumber"
        case .priorityID: "priority_id"
        case .priorityName: "priority_name"
        case .priorityIDOfLists: "priorityid"
        case .ref: "ref"
        case .reference: "reference"
        case .sequence: "sequence"
        case .showForUsers: "showforusers"
        case .siteID: "site_id"
        case .siteName: "site_name"
        case .sitePhoneNumber: "sitephonenumber"
        case .slaID: "slaid"
        case .startDate: "start_date"
        case .started: "started"
        case .statusID: "status_id"
        case .statusName: "status_name"
        case .summary: "summary"
        case .surname: "surname"
        case .thirdPartyID: "third_party_id_string"
        case .ticketID: "ticket_id"
        case .ticketTypeID: "tickettype_id"
        case .ticketTypeName: "tickettype_name"
        case .timeTaken: "timetaken"
        case .total: "total"
        case .userID: "user_id"
        case .userName: "user_name"
        case .website: "website"
        case .who: "who"
        case .whoAgentID: "who_agentid"
        }
    }

    /// All names in the order of the cases.
    static let names = JSONNameTable(allCases.map(\.name))
}
