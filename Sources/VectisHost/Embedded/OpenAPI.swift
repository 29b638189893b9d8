// Written by `make embed`; change the original, or the list in .ci/embed. The text keeps its own lines and length:
// swift-format-ignore-file

extension EmbeddedFile {
    static let openAPI = EmbeddedFile(
        path: "Docs/OpenAPI.json",
        text: ##"""
{
  "openapi": "3.1.0",
  "info": {
    "title": "Vectis JSON API",
    "version": "1",
    "license": {
      "name": "Apache 2.0",
      "identifier": "Apache-2.0"
    },
    "description": "The same as the admin page can do, for programs. Sign in with POST /api/v1/session, keep the cookie, and send formToken as X-Form-Token with every change. Bodies are JSON objects; members that are not known are refused. Failures are problem JSON (RFC 9457) with a stable code; guidance comes in English or, with Accept-Language: de, in German. Secrets are never sent back."
  },
  "servers": [
    {
      "url": "/",
      "description": "This host."
    }
  ],
  "tags": [
    {
      "name": "Session"
    },
    {
      "name": "Connectors"
    },
    {
      "name": "Connections"
    },
    {
      "name": "Ticket defaults"
    },
    {
      "name": "Audit log"
    },
    {
      "name": "Accounts"
    },
    {
      "name": "Reference"
    },
    {
      "name": "Events"
    }
  ],
  "paths": {
    "/api/v1/session": {
      "post": {
        "operationId": "signIn",
        "tags": [
          "Session"
        ],
        "summary": "Sign in",
        "x-role": "open",
        "security": [],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/SignIn"
              },
              "example": {
                "name": "admin",
                "password": "…"
              }
            }
          }
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "headers": {
              "Set-Cookie": {
                "description": "The session: HttpOnly, SameSite=Strict, and Secure behind TLS.",
                "schema": {
                  "type": "string"
                }
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Session"
                },
                "example": {
                  "account": "admin",
                  "role": "admin",
                  "formToken": "Zk1p…"
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/Malformed"
          },
          "401": {
            "$ref": "#/components/responses/WrongCredentials"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "413": {
            "$ref": "#/components/responses/TooLarge"
          },
          "415": {
            "$ref": "#/components/responses/WrongMediaType"
          },
          "422": {
            "$ref": "#/components/responses/Invalid"
          },
          "429": {
            "$ref": "#/components/responses/TooManyTries"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      },
      "get": {
        "operationId": "readSession",
        "tags": [
          "Session"
        ],
        "summary": "Who is signed in, and the form token",
        "x-role": "viewer",
        "security": [
          {
            "session": []
          }
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Session"
                },
                "example": {
                  "account": "admin",
                  "role": "admin",
                  "formToken": "Zk1p…"
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      },
      "delete": {
        "operationId": "signOut",
        "tags": [
          "Session"
        ],
        "summary": "Sign out",
        "x-role": "viewer",
        "security": [
          {
            "session": [],
            "formToken": []
          }
        ],
        "responses": {
          "204": {
            "description": "Done.",
            "headers": {
              "Set-Cookie": {
                "description": "Takes the session's cookie away.",
                "schema": {
                  "type": "string"
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      }
    },
    "/api/v1/connectors": {
      "get": {
        "operationId": "listConnectors",
        "tags": [
          "Connectors"
        ],
        "summary": "All connectors",
        "x-role": "viewer",
        "security": [
          {
            "session": []
          }
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Connectors"
                },
                "example": {
                  "connectors": [
                    {
                      "id": "connectwise",
                      "name": "ConnectWise PSA",
                      "tier": "placeholder",
                      "capabilities": []
                    }
                  ]
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "422": {
            "$ref": "#/components/responses/Invalid"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      }
    },
    "/api/v1/connectors/{connector}": {
      "get": {
        "operationId": "readConnector",
        "tags": [
          "Connectors"
        ],
        "summary": "A connector with its settings",
        "x-role": "viewer",
        "security": [
          {
            "session": []
          }
        ],
        "parameters": [
          {
            "name": "connector",
            "in": "path",
            "required": true,
            "schema": {
              "type": "string"
            },
            "description": "The connector's name or an alias."
          }
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Connector"
                },
                "example": {
                  "id": "halopsa",
                  "aliases": [
                    "halo"
                  ],
                  "name": "HaloPSA",
                  "tier": "complete",
                  "grade": "platinum",
                  "guide": "Docs/ConnectHaloPSA.md",
                  "contractVersion": 2,
                  "settings": [
                    {
                      "key": "tenantURL",
                      "label": "Tenant URL",
                      "help": "The address of your HaloPSA.",
                      "example": "https://acme.halopsa.com",
                      "required": true,
                      "secret": false,
                      "purpose": "tenant",
                      "environment": "HALOPSA_TENANT_URL",
                      "guide": "Docs/ConnectHaloPSA.md#5-find-the-tenant-url"
                    }
                  ],
                  "capabilities": [
                    "read.companies"
                  ],
                  "guidePages": {
                    "tenantURL": "/guides/connect-halopsa#5-find-the-tenant-url"
                  }
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "422": {
            "$ref": "#/components/responses/Invalid"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      }
    },
    "/api/v1/connections": {
      "get": {
        "operationId": "listConnections",
        "tags": [
          "Connections"
        ],
        "summary": "All connections, without their settings",
        "x-role": "viewer",
        "security": [
          {
            "session": []
          }
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Connections"
                },
                "example": {
                  "connections": [
                    {
                      "id": "h4t7pd2m9xwq",
                      "connector": "halopsa",
                      "name": "Acme",
                      "tenant": "acme.halopsa.com",
                      "revision": 1,
                      "ticketDefaults": {
                        "type": "1"
                      },
                      "status": {
                        "outcome": "connected",
                        "headline": "Connected to acme.halopsa.com",
                        "checkedAt": "2026-11-24T09:30:00Z"
                      }
                    }
                  ]
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "422": {
            "$ref": "#/components/responses/Invalid"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      },
      "post": {
        "operationId": "createConnection",
        "tags": [
          "Connections"
        ],
        "summary": "Save a new connection",
        "description": "Saved only with the receipt of a test of exactly these settings, or with acceptUntested.",
        "x-role": "admin",
        "security": [
          {
            "session": [],
            "formToken": []
          }
        ],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/NewConnection"
              },
              "example": {
                "connector": "halopsa",
                "name": "Acme",
                "settings": {
                  "tenantURL": "https://acme.halopsa.com",
                  "clientID": "11111111-2222-4333-8444-555555555555",
                  "clientSecret": "…"
                },
                "receipt": "nQ2u…"
              }
            }
          }
        },
        "responses": {
          "201": {
            "description": "The answer.",
            "headers": {
              "Location": {
                "description": "The path of the new connection.",
                "schema": {
                  "type": "string"
                }
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Connection"
                },
                "example": {
                  "id": "h4t7pd2m9xwq",
                  "connector": "halopsa",
                  "name": "Acme",
                  "tenant": "acme.halopsa.com",
                  "revision": 1,
                  "ticketDefaults": {
                    "type": "1"
                  },
                  "status": {
                    "outcome": "connected",
                    "headline": "Connected to acme.halopsa.com",
                    "checkedAt": "2026-11-24T09:30:00Z"
                  },
                  "settings": {
                    "clientID": "11111111-2222-4333-8444-555555555555",
                    "tenantURL": "https://acme.halopsa.com",
                    "ticketTypeID": "1"
                  },
                  "secrets": [
                    "clientSecret"
                  ],
                  "createdAt": "2026-11-24T09:31:00Z",
                  "changedAt": "2026-11-24T09:31:00Z"
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/Malformed"
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "409": {
            "$ref": "#/components/responses/Conflict"
          },
          "413": {
            "$ref": "#/components/responses/TooLarge"
          },
          "415": {
            "$ref": "#/components/responses/WrongMediaType"
          },
          "422": {
            "$ref": "#/components/responses/Invalid"
          },
          "501": {
            "$ref": "#/components/responses/Placeholder"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      }
    },
    "/api/v1/connections/{id}": {
      "get": {
        "operationId": "readConnection",
        "tags": [
          "Connections"
        ],
        "summary": "A connection with its settings",
        "x-role": "admin",
        "security": [
          {
            "session": []
          }
        ],
        "parameters": [
          {
            "name": "id",
            "in": "path",
            "required": true,
            "schema": {
              "type": "string"
            },
            "description": "The connection."
          }
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Connection"
                },
                "example": {
                  "id": "h4t7pd2m9xwq",
                  "connector": "halopsa",
                  "name": "Acme",
                  "tenant": "acme.halopsa.com",
                  "revision": 1,
                  "ticketDefaults": {
                    "type": "1"
                  },
                  "status": {
                    "outcome": "connected",
                    "headline": "Connected to acme.halopsa.com",
                    "checkedAt": "2026-11-24T09:30:00Z"
                  },
                  "settings": {
                    "clientID": "11111111-2222-4333-8444-555555555555",
                    "tenantURL": "https://acme.halopsa.com",
                    "ticketTypeID": "1"
                  },
                  "secrets": [
                    "clientSecret"
                  ],
                  "createdAt": "2026-11-24T09:31:00Z",
                  "changedAt": "2026-11-24T09:31:00Z"
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "422": {
            "$ref": "#/components/responses/Invalid"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      },
      "put": {
        "operationId": "changeConnection",
        "tags": [
          "Connections"
        ],
        "summary": "Change a connection",
        "description": "What is not sent is kept. Tests that were seen to work do not carry over: a change needs a receipt or acceptUntested.",
        "x-role": "admin",
        "security": [
          {
            "session": [],
            "formToken": []
          }
        ],
        "parameters": [
          {
            "name": "id",
            "in": "path",
            "required": true,
            "schema": {
              "type": "string"
            },
            "description": "The connection."
          }
        ],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/ConnectionChange"
              },
              "example": {
                "revision": 1,
                "name": "Acme Ltd",
                "acceptUntested": true
              }
            }
          }
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Connection"
                },
                "example": {
                  "id": "h4t7pd2m9xwq",
                  "connector": "halopsa",
                  "name": "Acme Ltd",
                  "tenant": "acme.halopsa.com",
                  "revision": 2,
                  "ticketDefaults": {
                    "type": "1"
                  },
                  "status": {
                    "outcome": "connected",
                    "headline": "Connected to acme.halopsa.com",
                    "checkedAt": "2026-11-24T09:30:00Z"
                  },
                  "settings": {
                    "clientID": "11111111-2222-4333-8444-555555555555",
                    "tenantURL": "https://acme.halopsa.com",
                    "ticketTypeID": "1"
                  },
                  "secrets": [
                    "clientSecret"
                  ],
                  "createdAt": "2026-11-24T09:31:00Z",
                  "changedAt": "2026-11-24T09:31:00Z"
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/Malformed"
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "409": {
            "$ref": "#/components/responses/Conflict"
          },
          "413": {
            "$ref": "#/components/responses/TooLarge"
          },
          "415": {
            "$ref": "#/components/responses/WrongMediaType"
          },
          "422": {
            "$ref": "#/components/responses/Invalid"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      },
      "delete": {
        "operationId": "removeConnection",
        "tags": [
          "Connections"
        ],
        "summary": "Remove a connection and its secrets",
        "x-role": "admin",
        "security": [
          {
            "session": [],
            "formToken": []
          }
        ],
        "parameters": [
          {
            "name": "id",
            "in": "path",
            "required": true,
            "schema": {
              "type": "string"
            },
            "description": "The connection."
          }
        ],
        "responses": {
          "204": {
            "description": "Done."
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      }
    },
    "/api/v1/connection-tests": {
      "post": {
        "operationId": "testSettings",
        "tags": [
          "Connections"
        ],
        "summary": "Test settings without saving them",
        "description": "A connection that does not work is an answer with connected: false and a problem.",
        "x-role": "admin",
        "security": [
          {
            "session": [],
            "formToken": []
          }
        ],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/ConnectionTest"
              },
              "example": {
                "connector": "halopsa",
                "settings": {
                  "tenantURL": "https://acme.halopsa.com",
                  "clientID": "11111111-2222-4333-8444-555555555555",
                  "clientSecret": "…"
                }
              }
            }
          }
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/ConnectionReport"
                },
                "example": {
                  "connector": "halopsa",
                  "host": "acme.halopsa.com",
                  "connected": true,
                  "headline": "Connected to acme.halopsa.com",
                  "checks": [
                    {
                      "check": "Credentials",
                      "outcome": "passed",
                      "evidence": "a token was issued",
                      "milliseconds": 212
                    }
                  ],
                  "allowed": [
                    "read.companies"
                  ],
                  "receipt": "nQ2u…"
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/Malformed"
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "413": {
            "$ref": "#/components/responses/TooLarge"
          },
          "415": {
            "$ref": "#/components/responses/WrongMediaType"
          },
          "422": {
            "$ref": "#/components/responses/Invalid"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      }
    },
    "/api/v1/connections/{id}/test": {
      "post": {
        "operationId": "testConnection",
        "tags": [
          "Connections"
        ],
        "summary": "Test a saved connection",
        "x-role": "admin",
        "security": [
          {
            "session": [],
            "formToken": []
          }
        ],
        "parameters": [
          {
            "name": "id",
            "in": "path",
            "required": true,
            "schema": {
              "type": "string"
            },
            "description": "The connection."
          }
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/ConnectionReport"
                },
                "example": {
                  "connector": "halopsa",
                  "host": "acme.halopsa.com",
                  "connected": true,
                  "headline": "Connected to acme.halopsa.com",
                  "checks": [
                    {
                      "check": "Credentials",
                      "outcome": "passed",
                      "evidence": "a token was issued",
                      "milliseconds": 212
                    }
                  ],
                  "allowed": [
                    "read.companies"
                  ]
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      }
    },
    "/api/v1/connections/{id}/ticket-choices": {
      "get": {
        "operationId": "readTicketChoices",
        "tags": [
          "Ticket defaults"
        ],
        "summary": "What new tickets can start with, as the PSA lists it",
        "x-role": "viewer",
        "security": [
          {
            "session": []
          }
        ],
        "parameters": [
          {
            "name": "id",
            "in": "path",
            "required": true,
            "schema": {
              "type": "string"
            },
            "description": "The connection."
          },
          {
            "name": "type",
            "in": "query",
            "required": false,
            "schema": {
              "type": "string"
            },
            "description": "The id of a ticket type: its statuses and priorities are listed."
          }
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/TicketChoices"
                },
                "example": {
                  "types": [
                    {
                      "id": "1",
                      "name": "Incident"
                    }
                  ],
                  "statuses": [
                    {
                      "id": "1",
                      "name": "New",
                      "phase": "open"
                    }
                  ],
                  "priorities": [
                    {
                      "id": "3",
                      "name": "Medium"
                    }
                  ]
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "422": {
            "$ref": "#/components/responses/Invalid"
          },
          "502": {
            "$ref": "#/components/responses/Refused"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      }
    },
    "/api/v1/connections/{id}/ticket-defaults": {
      "put": {
        "operationId": "saveTicketDefaults",
        "tags": [
          "Ticket defaults"
        ],
        "summary": "Set what new tickets start with",
        "x-role": "admin",
        "security": [
          {
            "session": [],
            "formToken": []
          }
        ],
        "parameters": [
          {
            "name": "id",
            "in": "path",
            "required": true,
            "schema": {
              "type": "string"
            },
            "description": "The connection."
          }
        ],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/TicketDefaults"
              },
              "example": {
                "revision": 1,
                "type": "1"
              }
            }
          }
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Connection"
                },
                "example": {
                  "id": "h4t7pd2m9xwq",
                  "connector": "halopsa",
                  "name": "Acme",
                  "tenant": "acme.halopsa.com",
                  "revision": 2,
                  "ticketDefaults": {
                    "type": "1"
                  },
                  "status": {
                    "outcome": "connected",
                    "headline": "Connected to acme.halopsa.com",
                    "checkedAt": "2026-11-24T09:30:00Z"
                  },
                  "settings": {
                    "clientID": "11111111-2222-4333-8444-555555555555",
                    "tenantURL": "https://acme.halopsa.com",
                    "ticketTypeID": "1"
                  },
                  "secrets": [
                    "clientSecret"
                  ],
                  "createdAt": "2026-11-24T09:31:00Z",
                  "changedAt": "2026-11-24T09:31:00Z"
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/Malformed"
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "409": {
            "$ref": "#/components/responses/Conflict"
          },
          "413": {
            "$ref": "#/components/responses/TooLarge"
          },
          "415": {
            "$ref": "#/components/responses/WrongMediaType"
          },
          "422": {
            "$ref": "#/components/responses/Invalid"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      }
    },
    "/api/v1/connections/{id}/test-ticket": {
      "post": {
        "operationId": "createTestTicket",
        "tags": [
          "Ticket defaults"
        ],
        "summary": "Create a ticket marked as a test, and take it away again",
        "x-role": "admin",
        "security": [
          {
            "session": [],
            "formToken": []
          }
        ],
        "parameters": [
          {
            "name": "id",
            "in": "path",
            "required": true,
            "schema": {
              "type": "string"
            },
            "description": "The connection."
          }
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/TestTicket"
                },
                "example": {
                  "check": "Test ticket",
                  "outcome": "passed",
                  "evidence": "ticket 1251 was created, read back and deleted again",
                  "milliseconds": 640
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      }
    },
    "/api/v1/audit": {
      "get": {
        "operationId": "readAudit",
        "tags": [
          "Audit log"
        ],
        "summary": "Who did what",
        "x-role": "viewer",
        "security": [
          {
            "session": []
          }
        ],
        "parameters": [
          {
            "name": "action",
            "in": "query",
            "required": false,
            "schema": {
              "$ref": "#/components/schemas/AuditAction"
            },
            "description": "Only this action."
          },
          {
            "name": "user",
            "in": "query",
            "required": false,
            "schema": {
              "type": "string"
            },
            "description": "Only this account, (system) or (unknown)."
          },
          {
            "name": "target",
            "in": "query",
            "required": false,
            "schema": {
              "type": "string"
            },
            "description": "Only targets that contain this, whatever the case of ASCII letters."
          },
          {
            "name": "from",
            "in": "query",
            "required": false,
            "schema": {
              "type": "string",
              "format": "date"
            },
            "description": "The first day (UTC); without it the last seven days are meant."
          },
          {
            "name": "to",
            "in": "query",
            "required": false,
            "schema": {
              "type": "string",
              "format": "date"
            },
            "description": "The last day (UTC), that day included."
          },
          {
            "name": "before",
            "in": "query",
            "required": false,
            "schema": {
              "type": "integer"
            },
            "description": "Only entries older than this place."
          },
          {
            "name": "limit",
            "in": "query",
            "required": false,
            "schema": {
              "type": "integer",
              "minimum": 1,
              "maximum": 500
            },
            "description": "How many at most; 50 unless told otherwise."
          }
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Audit"
                },
                "example": {
                  "entries": [
                    {
                      "place": 7,
                      "at": "2026-11-24T09:31:00Z",
                      "user": "admin",
                      "action": "connection.created",
                      "target": "Acme",
                      "outcome": "done",
                      "detail": "Leads to acme.halopsa.com.",
                      "correlationID": "k3v9m2xq7abc",
                      "address": "127.0.0.1"
                    }
                  ],
                  "next": 7
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "422": {
            "$ref": "#/components/responses/Invalid"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      }
    },
    "/api/v1/accounts": {
      "get": {
        "operationId": "listAccounts",
        "tags": [
          "Accounts"
        ],
        "summary": "All accounts",
        "x-role": "admin",
        "security": [
          {
            "session": []
          }
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Accounts"
                },
                "example": {
                  "accounts": [
                    {
                      "name": "sam@example.com",
                      "role": "viewer",
                      "createdAt": "2026-11-24T09:40:00Z"
                    }
                  ]
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "422": {
            "$ref": "#/components/responses/Invalid"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      },
      "post": {
        "operationId": "createAccount",
        "tags": [
          "Accounts"
        ],
        "summary": "Make an account",
        "x-role": "admin",
        "security": [
          {
            "session": [],
            "formToken": []
          }
        ],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/NewAccount"
              },
              "example": {
                "name": "sam@example.com",
                "password": "…",
                "role": "viewer"
              }
            }
          }
        },
        "responses": {
          "201": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Account"
                },
                "example": {
                  "name": "sam@example.com",
                  "role": "viewer",
                  "createdAt": "2026-11-24T09:40:00Z"
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/Malformed"
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "409": {
            "$ref": "#/components/responses/Conflict"
          },
          "413": {
            "$ref": "#/components/responses/TooLarge"
          },
          "415": {
            "$ref": "#/components/responses/WrongMediaType"
          },
          "422": {
            "$ref": "#/components/responses/Invalid"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      }
    },
    "/api/v1/accounts/{name}": {
      "put": {
        "operationId": "changeRole",
        "tags": [
          "Accounts"
        ],
        "summary": "Give an account another role; its sessions end",
        "x-role": "admin",
        "security": [
          {
            "session": [],
            "formToken": []
          }
        ],
        "parameters": [
          {
            "name": "name",
            "in": "path",
            "required": true,
            "schema": {
              "type": "string"
            },
            "description": "The account."
          }
        ],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/RoleChange"
              },
              "example": {
                "role": "admin"
              }
            }
          }
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Account"
                },
                "example": {
                  "name": "sam@example.com",
                  "role": "admin",
                  "createdAt": "2026-11-24T09:40:00Z"
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/Malformed"
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "409": {
            "$ref": "#/components/responses/Conflict"
          },
          "413": {
            "$ref": "#/components/responses/TooLarge"
          },
          "415": {
            "$ref": "#/components/responses/WrongMediaType"
          },
          "422": {
            "$ref": "#/components/responses/Invalid"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      },
      "delete": {
        "operationId": "removeAccount",
        "tags": [
          "Accounts"
        ],
        "summary": "Remove an account; its sessions end",
        "x-role": "admin",
        "security": [
          {
            "session": [],
            "formToken": []
          }
        ],
        "parameters": [
          {
            "name": "name",
            "in": "path",
            "required": true,
            "schema": {
              "type": "string"
            },
            "description": "The account."
          }
        ],
        "responses": {
          "204": {
            "description": "Done."
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "409": {
            "$ref": "#/components/responses/Conflict"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      }
    },
    "/api/v1/account/password": {
      "put": {
        "operationId": "changePassword",
        "tags": [
          "Accounts"
        ],
        "summary": "Change one's own password; one's other sessions end",
        "x-role": "viewer",
        "security": [
          {
            "session": [],
            "formToken": []
          }
        ],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/PasswordChange"
              },
              "example": {
                "current": "…",
                "new": "…"
              }
            }
          }
        },
        "responses": {
          "204": {
            "description": "Done."
          },
          "400": {
            "$ref": "#/components/responses/Malformed"
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "413": {
            "$ref": "#/components/responses/TooLarge"
          },
          "415": {
            "$ref": "#/components/responses/WrongMediaType"
          },
          "422": {
            "$ref": "#/components/responses/Invalid"
          },
          "429": {
            "$ref": "#/components/responses/TooManyTries"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      }
    },
    "/api/v1/events": {
      "post": {
        "operationId": "sendEvent",
        "tags": [
          "Events"
        ],
        "summary": "Send an event to the rules",
        "description": "Accepted once it, and what the rules decide on it, is stored. The same source and id again, in the namespace of the token, is accepted and does nothing if it says the same; with other content it is refused with 409 and other_content. A body has up to 1 MiB. Text that is no UTF-8, and half of a surrogate pair, is refused with 400.",
        "x-role": "sender",
        "security": [
          {
            "token": []
          }
        ],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/Event"
              },
              "example": {
                "source": "backup-monitor",
                "id": "2026-11-24/SRV-02",
                "type": "backup.failed",
                "severity": "error",
                "company": "Acme Ltd",
                "device": "SRV-02",
                "text": "The disk is full.",
                "at": "2026-11-24T03:00:00Z"
              }
            }
          }
        },
        "responses": {
          "202": {
            "description": "It is stored.",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Acceptance"
                },
                "example": {
                  "id": 4711,
                  "repeat": false,
                  "jobs": 1
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/Malformed"
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "409": {
            "$ref": "#/components/responses/Conflict"
          },
          "413": {
            "$ref": "#/components/responses/TooLarge"
          },
          "415": {
            "$ref": "#/components/responses/WrongMediaType"
          },
          "422": {
            "$ref": "#/components/responses/Invalid"
          },
          "507": {
            "$ref": "#/components/responses/StorageFull"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      }
    },
    "/api/v1/tokens": {
      "get": {
        "operationId": "listEventTokens",
        "tags": [
          "Events"
        ],
        "summary": "The tokens with which programs send events",
        "x-role": "admin",
        "security": [
          {
            "session": []
          }
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/EventTokens"
                },
                "example": {
                  "tokens": [
                    {
                      "id": "k3v9m2xq7abc",
                      "name": "Backup monitor",
                      "namespace": "backup",
                      "createdAt": "2026-11-24T09:40:00Z"
                    }
                  ]
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "422": {
            "$ref": "#/components/responses/Invalid"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      },
      "post": {
        "operationId": "makeEventToken",
        "tags": [
          "Events"
        ],
        "summary": "Make a token; it is shown this once",
        "description": "Within a namespace, source and id name one event. A token has its own, unless it shares a named one with others: for tokens that replace one another or take turns.",
        "x-role": "admin",
        "security": [
          {
            "session": [],
            "formToken": []
          }
        ],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/NewEventToken"
              },
              "example": {
                "name": "Backup monitor",
                "namespace": "backup"
              }
            }
          }
        },
        "responses": {
          "201": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/MadeEventToken"
                },
                "example": {
                  "id": "k3v9m2xq7abc",
                  "name": "Backup monitor",
                  "namespace": "backup",
                  "createdAt": "2026-11-24T09:40:00Z",
                  "token": "vectis_…"
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/Malformed"
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "413": {
            "$ref": "#/components/responses/TooLarge"
          },
          "415": {
            "$ref": "#/components/responses/WrongMediaType"
          },
          "422": {
            "$ref": "#/components/responses/Invalid"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      }
    },
    "/api/v1/tokens/{id}": {
      "put": {
        "operationId": "changeEventToken",
        "tags": [
          "Events"
        ],
        "summary": "Give a token another namespace",
        "description": "What the token sent in its own namespace counts as sent in the shared one from now on.",
        "x-role": "admin",
        "security": [
          {
            "session": [],
            "formToken": []
          }
        ],
        "parameters": [
          {
            "name": "id",
            "in": "path",
            "required": true,
            "schema": {
              "type": "string"
            },
            "description": "The token's id, not the token."
          }
        ],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/EventTokenChange"
              },
              "example": {
                "namespace": "backup"
              }
            }
          }
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/EventToken"
                },
                "example": {
                  "id": "k3v9m2xq7abc",
                  "name": "Backup monitor",
                  "namespace": "backup",
                  "createdAt": "2026-11-24T09:40:00Z"
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/Malformed"
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "413": {
            "$ref": "#/components/responses/TooLarge"
          },
          "415": {
            "$ref": "#/components/responses/WrongMediaType"
          },
          "422": {
            "$ref": "#/components/responses/Invalid"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      },
      "delete": {
        "operationId": "revokeEventToken",
        "tags": [
          "Events"
        ],
        "summary": "Revoke a token",
        "x-role": "admin",
        "security": [
          {
            "session": [],
            "formToken": []
          }
        ],
        "parameters": [
          {
            "name": "id",
            "in": "path",
            "required": true,
            "schema": {
              "type": "string"
            },
            "description": "The token's id, not the token."
          }
        ],
        "responses": {
          "204": {
            "description": "Done."
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      }
    },
    "/api/v1/outbox-limits": {
      "get": {
        "operationId": "readOutboxLimits",
        "tags": [
          "Events"
        ],
        "summary": "How long the outbox keeps trying",
        "description": "48 hours and 15 minutes until somebody changes them. The waits before a write of unknown outcome is looked for are no setting.",
        "x-role": "viewer",
        "security": [
          {
            "session": []
          }
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/OutboxLimits"
                },
                "example": {
                  "revision": 0,
                  "oldestHours": 48,
                  "longestWaitMinutes": 15
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      },
      "put": {
        "operationId": "saveOutboxLimits",
        "tags": [
          "Events"
        ],
        "summary": "Set how long the outbox keeps trying",
        "description": "Holds at once for all rules and connections, and for what waits already.",
        "x-role": "admin",
        "security": [
          {
            "session": [],
            "formToken": []
          }
        ],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/OutboxLimits"
              },
              "example": {
                "revision": 0,
                "oldestHours": 72,
                "longestWaitMinutes": 15
              }
            }
          }
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/OutboxLimits"
                },
                "example": {
                  "revision": 1,
                  "oldestHours": 72,
                  "longestWaitMinutes": 15
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/Malformed"
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "409": {
            "$ref": "#/components/responses/Conflict"
          },
          "413": {
            "$ref": "#/components/responses/TooLarge"
          },
          "415": {
            "$ref": "#/components/responses/WrongMediaType"
          },
          "422": {
            "$ref": "#/components/responses/Invalid"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      }
    },
    "/api/v1/errors": {
      "get": {
        "operationId": "listErrors",
        "tags": [
          "Reference"
        ],
        "summary": "The error reference",
        "x-role": "viewer",
        "security": [
          {
            "session": []
          }
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Errors"
                },
                "example": {
                  "errors": [
                    {
                      "type": "Docs/Errors.md#network-dns-not-found",
                      "code": "network.dns_not_found",
                      "title": "The server's name is not known",
                      "detail": "No server answers to the name acmee.halopsa.com.",
                      "causes": [
                        {
                          "text": "The address has a typing mistake.",
                          "confidence": "likely"
                        }
                      ],
                      "steps": [
                        "Correct the address.",
                        "Test the connection again."
                      ],
                      "fields": [
                        "tenantURL"
                      ],
                      "responsibleParty": "you",
                      "retry": {
                        "class": "afterFix"
                      },
                      "guide": "Docs/Errors.md#network-dns-not-found"
                    }
                  ]
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "422": {
            "$ref": "#/components/responses/Invalid"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      }
    },
    "/api/v1/errors/{code}": {
      "get": {
        "operationId": "readError",
        "tags": [
          "Reference"
        ],
        "summary": "A code of the error reference",
        "x-role": "viewer",
        "security": [
          {
            "session": []
          }
        ],
        "parameters": [
          {
            "name": "code",
            "in": "path",
            "required": true,
            "schema": {
              "type": "string"
            },
            "description": "The code."
          }
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/ErrorEntry"
                },
                "example": {
                  "type": "Docs/Errors.md#network-dns-not-found",
                  "code": "network.dns_not_found",
                  "title": "The server's name is not known",
                  "detail": "No server answers to the name acmee.halopsa.com.",
                  "causes": [
                    {
                      "text": "The address has a typing mistake.",
                      "confidence": "likely"
                    }
                  ],
                  "steps": [
                    "Correct the address.",
                    "Test the connection again."
                  ],
                  "fields": [
                    "tenantURL"
                  ],
                  "responsibleParty": "you",
                  "retry": {
                    "class": "afterFix"
                  },
                  "guide": "Docs/Errors.md#network-dns-not-found"
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "422": {
            "$ref": "#/components/responses/Invalid"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      }
    },
    "/api/v1/openapi.json": {
      "get": {
        "operationId": "readDescription",
        "tags": [
          "Reference"
        ],
        "summary": "This document",
        "x-role": "open",
        "security": [],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Description"
                }
              }
            }
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      }
    },
    "/api/v1/company-mappings": {
      "get": {
        "operationId": "listCompanyMappings",
        "tags": [
          "Events"
        ],
        "summary": "The companies that were not found, and what persons said about them",
        "description": "A company that senders named and that was not found stands here once, however often and however it was spelled. Each connection keeps the latest thousand.",
        "x-role": "admin",
        "security": [
          {
            "session": []
          }
        ],
        "parameters": [
          {
            "name": "connection",
            "in": "query",
            "required": false,
            "description": "Only those of a connection.",
            "schema": {
              "type": "string"
            }
          }
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/CompanyMappings"
                },
                "example": {
                  "mappings": [
                    {
                      "id": 3,
                      "connection": "c0ffee",
                      "sentID": "",
                      "sentName": "Acme Ltd",
                      "company": "12",
                      "companyName": "Acme Limited",
                      "mappedBy": "admin",
                      "mappedAt": "2026-11-24T08:00:00Z"
                    }
                  ],
                  "unmatched": [
                    {
                      "id": 7,
                      "connection": "c0ffee",
                      "sentID": "",
                      "sentName": "Beta & Sons",
                      "reason": "not_found",
                      "firstSeenAt": "2026-11-24T08:00:00Z",
                      "lastSeenAt": "2026-11-24T09:00:00Z",
                      "count": 4,
                      "dismissed": false
                    }
                  ]
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "422": {
            "$ref": "#/components/responses/Invalid"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      },
      "post": {
        "operationId": "createCompanyMapping",
        "tags": [
          "Events"
        ],
        "summary": "Say which company is meant",
        "description": "The company is looked up in the PSA. An earlier mapping of the same is replaced. It holds for tickets that are sent from then on.",
        "x-role": "admin",
        "security": [
          {
            "session": [],
            "formToken": []
          }
        ],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/NewCompanyMapping"
              },
              "example": {
                "connection": "c0ffee",
                "sentName": "Acme Ltd",
                "company": "12"
              }
            }
          }
        },
        "responses": {
          "201": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/CompanyMapping"
                },
                "example": {
                  "id": 3,
                  "connection": "c0ffee",
                  "sentID": "",
                  "sentName": "Acme Ltd",
                  "company": "12",
                  "companyName": "Acme Limited",
                  "mappedBy": "admin",
                  "mappedAt": "2026-11-24T08:00:00Z"
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/Malformed"
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "409": {
            "$ref": "#/components/responses/Conflict"
          },
          "413": {
            "$ref": "#/components/responses/TooLarge"
          },
          "415": {
            "$ref": "#/components/responses/WrongMediaType"
          },
          "422": {
            "$ref": "#/components/responses/Invalid"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      }
    },
    "/api/v1/company-mappings/{id}": {
      "delete": {
        "operationId": "removeCompanyMapping",
        "tags": [
          "Events"
        ],
        "summary": "Forget a mapping",
        "x-role": "admin",
        "security": [
          {
            "session": [],
            "formToken": []
          }
        ],
        "parameters": [
          {
            "name": "id",
            "in": "path",
            "required": true,
            "description": "The mapping.",
            "schema": {
              "type": "integer"
            }
          }
        ],
        "responses": {
          "204": {
            "description": "Done."
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      }
    },
    "/api/v1/company-mappings/unmatched/{id}": {
      "put": {
        "operationId": "dismissUnmatchedCompany",
        "tags": [
          "Events"
        ],
        "summary": "Say whether a company that was not found needs attention",
        "description": "What is dismissed is counted on, and no notice tells of it.",
        "x-role": "admin",
        "security": [
          {
            "session": [],
            "formToken": []
          }
        ],
        "parameters": [
          {
            "name": "id",
            "in": "path",
            "required": true,
            "description": "The company that was not found.",
            "schema": {
              "type": "integer"
            }
          }
        ],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/Dismissal"
              },
              "example": {
                "dismissed": true
              }
            }
          }
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/UnmatchedCompany"
                },
                "example": {
                  "id": 7,
                  "connection": "c0ffee",
                  "sentID": "",
                  "sentName": "Beta & Sons",
                  "reason": "not_found",
                  "firstSeenAt": "2026-11-24T08:00:00Z",
                  "lastSeenAt": "2026-11-24T09:00:00Z",
                  "count": 4,
                  "dismissed": true
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/Malformed"
          },
          "401": {
            "$ref": "#/components/responses/NotSignedIn"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "413": {
            "$ref": "#/components/responses/TooLarge"
          },
          "415": {
            "$ref": "#/components/responses/WrongMediaType"
          },
          "422": {
            "$ref": "#/components/responses/Invalid"
          },
          "default": {
            "$ref": "#/components/responses/Other"
          }
        }
      }
    }
  },
  "components": {
    "securitySchemes": {
      "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "vectis",
        "description": "Set by POST /api/v1/session. Behind TLS the cookie is called __Host-vectis."
      },
      "formToken": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Form-Token",
        "description": "formToken of the session; needed for every change."
      },
      "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token that an administrator makes under Rules; it is good for sending events and nothing else."
      }
    },
    "responses": {
      "Malformed": {
        "description": "The body or the path can't be read.",
        "content": {
          "application/problem+json": {
            "schema": {
              "$ref": "#/components/schemas/Problem"
            },
            "example": {
              "type": "about:blank",
              "status": 400,
              "title": "Bad Request",
              "code": "malformed",
              "detail": "The body is not JSON; line 1, column 9: a sign that can't stand there.",
              "correlationID": "k3v9m2xq7abc"
            }
          }
        }
      },
      "NotSignedIn": {
        "description": "There is no session, or it has ended.",
        "content": {
          "application/problem+json": {
            "schema": {
              "$ref": "#/components/schemas/Problem"
            },
            "example": {
              "type": "about:blank",
              "status": 401,
              "title": "Unauthorized",
              "code": "not_signed_in",
              "detail": "You are not signed in, or were away for so long that your session has ended.",
              "correlationID": "k3v9m2xq7abc"
            }
          }
        }
      },
      "WrongCredentials": {
        "description": "Name or password is wrong; which of them is not told.",
        "content": {
          "application/problem+json": {
            "schema": {
              "$ref": "#/components/schemas/Problem"
            },
            "example": {
              "type": "about:blank",
              "status": 401,
              "title": "Unauthorized",
              "code": "wrong_credentials",
              "detail": "The name or the password is wrong.",
              "correlationID": "k3v9m2xq7abc"
            }
          }
        }
      },
      "Forbidden": {
        "description": "The account's role does not allow it, the form token is missing, or another site made the request.",
        "content": {
          "application/problem+json": {
            "schema": {
              "$ref": "#/components/schemas/Problem"
            },
            "example": {
              "type": "about:blank",
              "status": 403,
              "title": "Forbidden",
              "code": "forbidden",
              "detail": "Your account may look, but not change anything. An administrator can do this.",
              "correlationID": "k3v9m2xq7abc"
            }
          }
        }
      },
      "NotFound": {
        "description": "It is not there.",
        "content": {
          "application/problem+json": {
            "schema": {
              "$ref": "#/components/schemas/Problem"
            },
            "example": {
              "type": "about:blank",
              "status": 404,
              "title": "Not Found",
              "code": "not_found",
              "detail": "There is no connection of this id. Perhaps somebody has removed it.",
              "correlationID": "k3v9m2xq7abc"
            }
          }
        }
      },
      "Conflict": {
        "description": "It is not done, and code tells why: other_content, untested, other_tenant, duplicate, stale, unverified, name_taken, own_account or last_administrator.",
        "content": {
          "application/problem+json": {
            "schema": {
              "$ref": "#/components/schemas/Problem"
            },
            "example": {
              "type": "about:blank",
              "status": 409,
              "title": "Conflict",
              "code": "untested",
              "detail": "These settings were not seen to work. Test them and send the receipt, or set “acceptUntested” to save them as they are.",
              "correlationID": "k3v9m2xq7abc"
            }
          }
        }
      },
      "TooLarge": {
        "description": "The body is larger than 256 KiB, or than 1 MiB where an event is sent.",
        "content": {
          "application/problem+json": {
            "schema": {
              "$ref": "#/components/schemas/Problem"
            },
            "example": {
              "type": "about:blank",
              "status": 413,
              "title": "Content Too Large",
              "code": "too_large",
              "detail": "The request body is larger than 262144 bytes.",
              "correlationID": "k3v9m2xq7abc"
            }
          }
        }
      },
      "WrongMediaType": {
        "description": "The body is not sent as application/json.",
        "content": {
          "application/problem+json": {
            "schema": {
              "$ref": "#/components/schemas/Problem"
            },
            "example": {
              "type": "about:blank",
              "status": 415,
              "title": "Unsupported Media Type",
              "code": "wrong_media_type",
              "detail": "The body has to be JSON. Send it with “Content-Type: application/json”.",
              "correlationID": "k3v9m2xq7abc"
            }
          }
        }
      },
      "Invalid": {
        "description": "Values are wrong; problems tells all of them.",
        "content": {
          "application/problem+json": {
            "schema": {
              "$ref": "#/components/schemas/Problem"
            },
            "example": {
              "type": "about:blank",
              "status": 422,
              "title": "Unprocessable Content",
              "code": "invalid",
              "detail": "2 values have to be corrected.",
              "problems": [
                {
                  "member": "revision",
                  "code": "missing",
                  "message": "“revision” is missing."
                },
                {
                  "member": "nme",
                  "code": "unknown",
                  "message": "“nme” is not known here. Did you mean “name”?"
                }
              ],
              "correlationID": "k3v9m2xq7abc"
            }
          }
        }
      },
      "TooManyTries": {
        "description": "Five wrong passwords in 15 minutes; until Retry-After none is accepted.",
        "content": {
          "application/problem+json": {
            "schema": {
              "$ref": "#/components/schemas/Problem"
            },
            "example": {
              "type": "about:blank",
              "status": 429,
              "title": "Too Many Requests",
              "code": "too_many_tries",
              "detail": "There were too many failed tries. Wait 15 minutes; until then no password is accepted.",
              "correlationID": "k3v9m2xq7abc"
            }
          }
        },
        "headers": {
          "Retry-After": {
            "description": "Seconds to wait.",
            "schema": {
              "type": "integer"
            }
          }
        }
      },
      "Placeholder": {
        "description": "The connector does not connect yet.",
        "content": {
          "application/problem+json": {
            "schema": {
              "$ref": "#/components/schemas/Problem"
            },
            "example": {
              "type": "/errors#connector-placeholder",
              "code": "connector.placeholder",
              "title": "This connector is not available yet",
              "detail": "ConnectWise PSA is a placeholder.",
              "connector": "connectwise",
              "causes": [
                {
                  "text": "The address has a typing mistake.",
                  "confidence": "likely"
                }
              ],
              "steps": [
                "Correct the address.",
                "Test the connection again."
              ],
              "fields": [],
              "responsibleParty": "us",
              "retry": {
                "class": "never"
              },
              "guide": "Docs/Errors.md#connector-placeholder",
              "correlationID": "k3v9m2xq7abc",
              "status": 501
            }
          }
        }
      },
      "Refused": {
        "description": "The PSA or the network on the way to it did not let it happen.",
        "content": {
          "application/problem+json": {
            "schema": {
              "$ref": "#/components/schemas/Problem"
            },
            "example": {
              "type": "/errors#network-dns-not-found",
              "code": "network.dns_not_found",
              "title": "The server's name is not known",
              "detail": "No server answers to the name acmee.halopsa.com.",
              "connector": "halopsa",
              "causes": [
                {
                  "text": "The address has a typing mistake.",
                  "confidence": "likely"
                }
              ],
              "steps": [
                "Correct the address.",
                "Test the connection again."
              ],
              "fields": [
                "tenantURL"
              ],
              "responsibleParty": "you",
              "retry": {
                "class": "afterFix"
              },
              "guide": "Docs/Errors.md#network-dns-not-found",
              "correlationID": "k3v9m2xq7abc",
              "status": 502
            }
          }
        }
      },
      "StorageFull": {
        "description": "The disk is full: nothing was stored. Other trouble with the disk is answered with 503, as unavailable. Send again later.",
        "headers": {
          "Retry-After": {
            "description": "After how many seconds.",
            "schema": {
              "type": "integer"
            }
          }
        },
        "content": {
          "application/problem+json": {
            "schema": {
              "$ref": "#/components/schemas/Problem"
            },
            "example": {
              "type": "about:blank",
              "status": 507,
              "title": "Insufficient Storage",
              "code": "storage_full",
              "detail": "The disk that holds the data of Vectis is full, so nothing can be stored. Free some space there; then it goes on by itself.",
              "correlationID": "k3v9m2xq7abc"
            }
          }
        }
      },
      "Other": {
        "description": "Any other failure.",
        "content": {
          "application/problem+json": {
            "schema": {
              "$ref": "#/components/schemas/Problem"
            },
            "example": {
              "type": "about:blank",
              "status": 500,
              "title": "Internal Server Error",
              "code": "defect",
              "detail": "What you wanted was not done. Try again; if it stays so, report the correlation id below.",
              "correlationID": "k3v9m2xq7abc"
            }
          }
        }
      }
    },
    "schemas": {
      "ErrorCode": {
        "type": "string",
        "enum": [
          "usage.invalid",
          "config.missing_field",
          "config.invalid_field",
          "config.unknown_field",
          "config.unknown_connector",
          "config.secret_unreadable",
          "url.malformed",
          "url.insecure",
          "url.forbidden_address",
          "url.not_vendor",
          "network.dns_not_found",
          "network.refused",
          "network.timeout",
          "network.interrupted",
          "tls.untrusted",
          "tls.self_signed",
          "tls.expired",
          "tls.not_yet_valid",
          "tls.name_mismatch",
          "tls.not_spoken",
          "proxy.html_instead_of_json",
          "proxy.login_redirect",
          "proxy.blocked",
          "proxy.authentication_required",
          "auth.endpoint_not_found",
          "auth.invalid_client",
          "auth.application_not_approved",
          "auth.wrong_grant",
          "auth.scope_rejected",
          "auth.tenant_unknown",
          "auth.token_refused",
          "auth.token_rejected",
          "permission.scope_missing",
          "permission.role_denied",
          "permission.action_denied",
          "permission.nothing_visible",
          "request.invalid",
          "request.rejected",
          "request.not_found",
          "request.conflict",
          "request.company_unusable",
          "ticket.default_invalid",
          "ticket.field_required",
          "ticket.field_invalid",
          "ticket.status_not_allowed",
          "ticket.not_writable",
          "ticket.action_incomplete",
          "rate.limited",
          "vendor.unavailable",
          "vendor.maintenance",
          "vendor.license",
          "vendor.unexpected_response",
          "write.outcome_unknown",
          "connector.placeholder",
          "connector.unsupported",
          "connector.defect",
          "sync.cursor_rejected",
          "sync.list_incomplete"
        ],
        "description": "The stable name of a failure; /api/v1/errors explains each."
      },
      "HostCode": {
        "type": "string",
        "enum": [
          "malformed",
          "not_signed_in",
          "wrong_credentials",
          "forbidden",
          "not_found",
          "method_not_allowed",
          "other_content",
          "untested",
          "other_tenant",
          "duplicate",
          "stale",
          "unverified",
          "name_taken",
          "own_account",
          "last_administrator",
          "too_large",
          "wrong_media_type",
          "misdirected",
          "invalid",
          "too_many_tries",
          "header_too_large",
          "defect",
          "not_understood",
          "unavailable",
          "storage_full"
        ],
        "description": "The stable name of what the host itself refuses; without a dot, unlike the codes of the error reference."
      },
      "CorrelationID": {
        "type": "string",
        "pattern": "^[a-z0-9]{12}$",
        "description": "By which screen, log and audit find each other."
      },
      "Problem": {
        "description": "Problem JSON, RFC 9457.",
        "anyOf": [
          {
            "$ref": "#/components/schemas/HostProblem"
          },
          {
            "$ref": "#/components/schemas/PSAProblem"
          }
        ]
      },
      "HostProblem": {
        "type": "object",
        "description": "What the host itself refuses.",
        "properties": {
          "type": {
            "const": "about:blank"
          },
          "status": {
            "type": "integer"
          },
          "title": {
            "type": "string",
            "description": "The status in the words of HTTP."
          },
          "code": {
            "$ref": "#/components/schemas/HostCode"
          },
          "detail": {
            "type": "string",
            "description": "What is wrong and what to do."
          },
          "problems": {
            "type": "array",
            "items": {
              "$ref": "#/components/schemas/BodyProblem"
            },
            "description": "Every value that is wrong."
          },
          "oldTenant": {
            "type": "string",
            "description": "With other_tenant: where the connection leads."
          },
          "newTenant": {
            "type": "string",
            "description": "With other_tenant: where the settings lead."
          },
          "connection": {
            "type": "string",
            "description": "With duplicate: the id of the connection that leads there."
          },
          "problem": {
            "$ref": "#/components/schemas/PSAProblem"
          },
          "correlationID": {
            "$ref": "#/components/schemas/CorrelationID"
          }
        },
        "required": [
          "type",
          "status",
          "title",
          "code",
          "detail",
          "correlationID"
        ],
        "additionalProperties": false
      },
      "BodyProblem": {
        "type": "object",
        "properties": {
          "member": {
            "type": "string",
            "description": "Such as settings.tenantURL, or a field of the query."
          },
          "code": {
            "type": "string",
            "enum": [
              "missing",
              "unknown",
              "twice",
              "wrong_type",
              "too_long",
              "out_of_range",
              "invalid"
            ]
          },
          "message": {
            "type": "string"
          }
        },
        "required": [
          "member",
          "code",
          "message"
        ],
        "additionalProperties": false
      },
      "PSAProblem": {
        "type": "object",
        "description": "A failure of settings, network or PSA, with guidance in the language of Accept-Language.",
        "properties": {
          "type": {
            "type": "string",
            "description": "Where this kind of failure is explained."
          },
          "code": {
            "$ref": "#/components/schemas/ErrorCode"
          },
          "title": {
            "type": "string",
            "description": "The same each time the code occurs."
          },
          "detail": {
            "type": "string",
            "description": "What happened, with host and object."
          },
          "connector": {
            "type": "string"
          },
          "causes": {
            "type": "array",
            "items": {
              "type": "object",
              "properties": {
                "id": {
                  "type": "string"
                },
                "text": {
                  "type": "string"
                },
                "confidence": {
                  "type": "string",
                  "enum": [
                    "certain",
                    "likely",
                    "possible"
                  ]
                },
                "evidence": {
                  "type": "string",
                  "description": "What was seen that speaks for it."
                },
                "steps": {
                  "type": "array",
                  "items": {
                    "type": "string"
                  },
                  "description": "What to do about this cause; the last one tells how to check."
                },
                "fields": {
                  "type": "array",
                  "items": {
                    "type": "string"
                  },
                  "description": "The settings in which this cause is mended."
                },
                "responsibleParty": {
                  "type": "string",
                  "enum": [
                    "you",
                    "psa_administrator",
                    "vendor",
                    "us"
                  ]
                }
              },
              "required": [
                "text",
                "confidence"
              ],
              "additionalProperties": false
            },
            "description": "The surest first."
          },
          "steps": {
            "type": "array",
            "items": {
              "type": "string"
            },
            "description": "What to do, in this order: the steps of the first cause, and then those of the others that were not told yet."
          },
          "fields": {
            "type": "array",
            "items": {
              "type": "string"
            },
            "description": "The settings to change, by the first cause."
          },
          "check": {
            "type": "string",
            "description": "Among the warnings of a report: the check that found it."
          },
          "responsibleParty": {
            "type": "string",
            "enum": [
              "you",
              "psa_administrator",
              "vendor",
              "us"
            ],
            "description": "Who has to act."
          },
          "retry": {
            "type": "object",
            "properties": {
              "class": {
                "type": "string",
                "enum": [
                  "never",
                  "afterFix",
                  "afterDelay",
                  "safeNow",
                  "unknownOutcome"
                ]
              },
              "seconds": {
                "type": "integer"
              }
            },
            "required": [
              "class"
            ],
            "additionalProperties": false
          },
          "suggestion": {
            "type": "object",
            "description": "A value that would have worked.",
            "properties": {
              "field": {
                "type": "string"
              },
              "value": {
                "type": "string"
              }
            },
            "required": [
              "field",
              "value"
            ],
            "additionalProperties": false
          },
          "guide": {
            "type": "string",
            "description": "A place in the project's documents."
          },
          "request": {
            "type": "string",
            "description": "Method, host and route template of the request to the PSA."
          },
          "vendor": {
            "type": "object",
            "description": "What the PSA itself said.",
            "properties": {
              "status": {
                "type": "integer"
              },
              "code": {
                "type": "string"
              },
              "message": {
                "type": "string"
              },
              "requestID": {
                "type": "string"
              }
            },
            "additionalProperties": false
          },
          "problems": {
            "type": "array",
            "items": {
              "type": "object",
              "properties": {
                "field": {
                  "type": "string"
                },
                "code": {
                  "$ref": "#/components/schemas/ErrorCode"
                },
                "message": {
                  "type": "string"
                }
              },
              "required": [
                "field",
                "code",
                "message"
              ],
              "additionalProperties": false
            },
            "description": "Every setting that is wrong."
          },
          "correlationID": {
            "$ref": "#/components/schemas/CorrelationID"
          },
          "status": {
            "type": "integer",
            "description": "Only where it is the answer itself."
          },
          "execution": {
            "type": "string",
            "enum": [
              "not_executed",
              "unknown"
            ],
            "description": "Only for writes: whether it is proven that nothing was executed. With unknown, look for what may have been written before sending it again."
          }
        },
        "required": [
          "type",
          "code",
          "title",
          "detail",
          "causes",
          "steps",
          "fields",
          "responsibleParty",
          "retry",
          "correlationID"
        ],
        "additionalProperties": false
      },
      "ErrorEntry": {
        "type": "object",
        "description": "A code of the error reference.",
        "properties": {
          "type": {
            "type": "string",
            "description": "Where this kind of failure is explained."
          },
          "code": {
            "$ref": "#/components/schemas/ErrorCode"
          },
          "title": {
            "type": "string",
            "description": "The same each time the code occurs."
          },
          "detail": {
            "type": "string",
            "description": "What happened, with host and object."
          },
          "causes": {
            "type": "array",
            "items": {
              "type": "object",
              "properties": {
                "id": {
                  "type": "string"
                },
                "text": {
                  "type": "string"
                },
                "confidence": {
                  "type": "string",
                  "enum": [
                    "certain",
                    "likely",
                    "possible"
                  ]
                },
                "evidence": {
                  "type": "string",
                  "description": "What was seen that speaks for it."
                },
                "steps": {
                  "type": "array",
                  "items": {
                    "type": "string"
                  },
                  "description": "What to do about this cause; the last one tells how to check."
                },
                "fields": {
                  "type": "array",
                  "items": {
                    "type": "string"
                  },
                  "description": "The settings in which this cause is mended."
                },
                "responsibleParty": {
                  "type": "string",
                  "enum": [
                    "you",
                    "psa_administrator",
                    "vendor",
                    "us"
                  ]
                }
              },
              "required": [
                "text",
                "confidence"
              ],
              "additionalProperties": false
            },
            "description": "The surest first."
          },
          "steps": {
            "type": "array",
            "items": {
              "type": "string"
            },
            "description": "What to do, in this order."
          },
          "fields": {
            "type": "array",
            "items": {
              "type": "string"
            },
            "description": "The settings to change."
          },
          "responsibleParty": {
            "type": "string",
            "enum": [
              "you",
              "psa_administrator",
              "vendor",
              "us"
            ],
            "description": "Who has to act."
          },
          "retry": {
            "type": "object",
            "properties": {
              "class": {
                "type": "string",
                "enum": [
                  "never",
                  "afterFix",
                  "afterDelay",
                  "safeNow",
                  "unknownOutcome"
                ]
              },
              "seconds": {
                "type": "integer"
              }
            },
            "required": [
              "class"
            ],
            "additionalProperties": false
          },
          "guide": {
            "type": "string",
            "description": "A place in the project's documents."
          }
        },
        "required": [
          "type",
          "code",
          "title",
          "detail",
          "causes",
          "steps",
          "fields",
          "responsibleParty",
          "retry"
        ],
        "additionalProperties": false
      },
      "Session": {
        "type": "object",
        "properties": {
          "account": {
            "type": "string"
          },
          "role": {
            "$ref": "#/components/schemas/Role"
          },
          "formToken": {
            "type": "string",
            "description": "To be sent as X-Form-Token with every change."
          }
        },
        "required": [
          "account",
          "role",
          "formToken"
        ],
        "additionalProperties": false
      },
      "Role": {
        "type": "string",
        "enum": [
          "admin",
          "viewer"
        ]
      },
      "Account": {
        "type": "object",
        "properties": {
          "name": {
            "type": "string"
          },
          "role": {
            "$ref": "#/components/schemas/Role"
          },
          "createdAt": {
            "type": "string",
            "format": "date-time",
            "description": "When it was made."
          }
        },
        "required": [
          "name",
          "role",
          "createdAt"
        ],
        "additionalProperties": false
      },
      "ConnectorSummary": {
        "type": "object",
        "properties": {
          "id": {
            "type": "string"
          },
          "name": {
            "type": "string"
          },
          "tier": {
            "$ref": "#/components/schemas/Tier"
          },
          "grade": {
            "$ref": "#/components/schemas/Grade"
          },
          "capabilities": {
            "type": "array",
            "items": {
              "$ref": "#/components/schemas/Capability"
            }
          }
        },
        "required": [
          "id",
          "name",
          "tier",
          "capabilities"
        ],
        "additionalProperties": false
      },
      "Grade": {
        "type": "string",
        "enum": [
          "bronze",
          "silver",
          "gold",
          "platinum"
        ],
        "description": "How far the connector has been proven by the rules of the conformance suite; absent for a placeholder."
      },
      "Tier": {
        "type": "string",
        "enum": [
          "complete",
          "placeholder"
        ],
        "description": "A placeholder shows and checks its settings and does not connect."
      },
      "Capability": {
        "type": "string",
        "enum": [
          "read.companies",
          "read.contacts",
          "read.agents",
          "read.tickets",
          "read.notes",
          "read.agreements",
          "read.recurring_invoices",
          "read.picklists",
          "create.tickets",
          "add.notes",
          "reply.contacts",
          "change.status"
        ]
      },
      "Connector": {
        "type": "object",
        "properties": {
          "id": {
            "type": "string"
          },
          "aliases": {
            "type": "array",
            "items": {
              "type": "string"
            }
          },
          "name": {
            "type": "string"
          },
          "tier": {
            "$ref": "#/components/schemas/Tier"
          },
          "grade": {
            "$ref": "#/components/schemas/Grade"
          },
          "guide": {
            "type": "string",
            "description": "The document that leads through connecting."
          },
          "contractVersion": {
            "type": "integer"
          },
          "settings": {
            "type": "array",
            "items": {
              "$ref": "#/components/schemas/Setting"
            },
            "description": "In the order of the form."
          },
          "capabilities": {
            "type": "array",
            "items": {
              "$ref": "#/components/schemas/Capability"
            }
          },
          "guidePages": {
            "type": "object",
            "description": "By setting, the page of this host that leads to its value.",
            "properties": {},
            "additionalProperties": {
              "type": "string"
            }
          }
        },
        "required": [
          "id",
          "aliases",
          "name",
          "tier",
          "guide",
          "contractVersion",
          "settings",
          "capabilities",
          "guidePages"
        ],
        "additionalProperties": false
      },
      "Setting": {
        "type": "object",
        "properties": {
          "key": {
            "type": "string"
          },
          "label": {
            "type": "string"
          },
          "help": {
            "type": "string"
          },
          "example": {
            "type": "string"
          },
          "required": {
            "type": "boolean"
          },
          "secret": {
            "type": "boolean"
          },
          "purpose": {
            "type": "string",
            "enum": [
              "tenant",
              "access",
              "ticketDefault",
              "behaviour"
            ]
          },
          "default": {
            "type": "string"
          },
          "environment": {
            "type": "string",
            "description": "The environment variable of the command line."
          },
          "guide": {
            "type": "string"
          }
        },
        "required": [
          "key",
          "label",
          "help",
          "example",
          "required",
          "secret",
          "purpose",
          "environment",
          "guide"
        ],
        "additionalProperties": false
      },
      "ConnectionStatus": {
        "type": "object",
        "description": "What its last test found; missing if these settings were never tested.",
        "properties": {
          "outcome": {
            "type": "string",
            "enum": [
              "connected",
              "limited",
              "needs_attention"
            ]
          },
          "headline": {
            "type": "string"
          },
          "code": {
            "$ref": "#/components/schemas/ErrorCode"
          },
          "correlationID": {
            "$ref": "#/components/schemas/CorrelationID"
          },
          "checkedAt": {
            "type": "string",
            "format": "date-time",
            "description": "When the test ended."
          }
        },
        "required": [
          "outcome",
          "headline",
          "checkedAt"
        ],
        "additionalProperties": false
      },
      "ConnectionSummary": {
        "type": "object",
        "properties": {
          "id": {
            "type": "string",
            "pattern": "^[a-z0-9]{1,40}$",
            "description": "By which links, audit log and other calls know it."
          },
          "connector": {
            "type": "string"
          },
          "name": {
            "type": "string"
          },
          "tenant": {
            "type": "string",
            "description": "Which tenant it leads to, however it was typed."
          },
          "revision": {
            "type": "integer",
            "minimum": 1,
            "description": "Counts changes; send it along with a change."
          },
          "ticketDefaults": {
            "type": "object",
            "description": "The ids that new tickets start with.",
            "properties": {
              "type": {
                "type": "string"
              },
              "status": {
                "type": "string"
              },
              "priority": {
                "type": "string"
              }
            },
            "additionalProperties": false
          },
          "status": {
            "$ref": "#/components/schemas/ConnectionStatus"
          }
        },
        "required": [
          "id",
          "connector",
          "name",
          "tenant",
          "revision",
          "ticketDefaults"
        ],
        "additionalProperties": false
      },
      "Connection": {
        "type": "object",
        "properties": {
          "id": {
            "type": "string",
            "pattern": "^[a-z0-9]{1,40}$",
            "description": "By which links, audit log and other calls know it."
          },
          "connector": {
            "type": "string"
          },
          "name": {
            "type": "string"
          },
          "tenant": {
            "type": "string",
            "description": "Which tenant it leads to, however it was typed."
          },
          "revision": {
            "type": "integer",
            "minimum": 1,
            "description": "Counts changes; send it along with a change."
          },
          "ticketDefaults": {
            "type": "object",
            "description": "The ids that new tickets start with.",
            "properties": {
              "type": {
                "type": "string"
              },
              "status": {
                "type": "string"
              },
              "priority": {
                "type": "string"
              }
            },
            "additionalProperties": false
          },
          "status": {
            "$ref": "#/components/schemas/ConnectionStatus"
          },
          "settings": {
            "type": "object",
            "description": "The settings that may be shown.",
            "properties": {},
            "additionalProperties": {
              "type": "string"
            }
          },
          "secrets": {
            "type": "array",
            "items": {
              "type": "string"
            },
            "description": "Which secrets are stored; their values are never sent."
          },
          "createdAt": {
            "type": "string",
            "format": "date-time",
            "description": "When it was first saved."
          },
          "changedAt": {
            "type": "string",
            "format": "date-time",
            "description": "When its settings last changed."
          }
        },
        "required": [
          "id",
          "connector",
          "name",
          "tenant",
          "revision",
          "ticketDefaults",
          "settings",
          "secrets",
          "createdAt",
          "changedAt"
        ],
        "additionalProperties": false
      },
      "Settings": {
        "type": "object",
        "description": "Values by key of the connector's settings. One that is not sent keeps its stored value; so does an empty secret.",
        "properties": {},
        "additionalProperties": {
          "type": [
            "string",
            "integer"
          ]
        }
      },
      "NewConnection": {
        "type": "object",
        "properties": {
          "connector": {
            "type": "string",
            "description": "Its name or an alias."
          },
          "name": {
            "type": "string",
            "description": "Without one, the connection is called by its tenant."
          },
          "settings": {
            "$ref": "#/components/schemas/Settings"
          },
          "receipt": {
            "type": "string",
            "description": "What a test of exactly these settings gave, at most 30 minutes old."
          },
          "acceptUntested": {
            "type": "boolean",
            "description": "Save although these settings were not seen to work."
          }
        },
        "required": [
          "connector",
          "settings"
        ],
        "additionalProperties": false
      },
      "ConnectionChange": {
        "type": "object",
        "properties": {
          "revision": {
            "type": "integer",
            "description": "The revision that the change was made to."
          },
          "name": {
            "type": "string"
          },
          "settings": {
            "$ref": "#/components/schemas/Settings"
          },
          "receipt": {
            "type": "string"
          },
          "acceptUntested": {
            "type": "boolean",
            "description": "Save although these settings were not seen to work."
          },
          "acceptOtherTenant": {
            "type": "boolean",
            "description": "Let the connection lead to another tenant from now on; its secrets have to be sent again."
          }
        },
        "required": [
          "revision"
        ],
        "additionalProperties": false
      },
      "ConnectionTest": {
        "type": "object",
        "properties": {
          "connector": {
            "type": "string"
          },
          "name": {
            "type": "string"
          },
          "settings": {
            "$ref": "#/components/schemas/Settings"
          },
          "connection": {
            "type": "string",
            "description": "A saved connection whose settings and secrets count where none are sent, as long as the tenant is the same."
          }
        },
        "required": [
          "connector",
          "settings"
        ],
        "additionalProperties": false
      },
      "ConnectionReport": {
        "type": "object",
        "properties": {
          "connector": {
            "type": "string"
          },
          "host": {
            "type": "string"
          },
          "connected": {
            "type": "boolean"
          },
          "headline": {
            "type": "string"
          },
          "checks": {
            "type": "array",
            "items": {
              "$ref": "#/components/schemas/Check"
            }
          },
          "allowed": {
            "type": "array",
            "items": {
              "$ref": "#/components/schemas/Capability"
            },
            "description": "What this connection was seen to be allowed to read."
          },
          "problem": {
            "$ref": "#/components/schemas/PSAProblem"
          },
          "warnings": {
            "type": "array",
            "items": {
              "$ref": "#/components/schemas/PSAProblem"
            },
            "description": "What works, but not fully; each with the check that found it. Only if connected."
          },
          "receipt": {
            "type": "string",
            "description": "Proves the test when exactly these settings are saved; only if it connected."
          }
        },
        "required": [
          "connector",
          "host",
          "connected",
          "headline",
          "checks",
          "allowed"
        ],
        "additionalProperties": false
      },
      "Check": {
        "type": "object",
        "properties": {
          "check": {
            "type": "string"
          },
          "outcome": {
            "$ref": "#/components/schemas/Outcome"
          },
          "evidence": {
            "type": "string"
          },
          "milliseconds": {
            "type": "integer",
            "minimum": 0
          },
          "code": {
            "$ref": "#/components/schemas/ErrorCode"
          }
        },
        "required": [
          "check",
          "outcome",
          "evidence"
        ],
        "additionalProperties": false
      },
      "Outcome": {
        "type": "string",
        "enum": [
          "passed",
          "warning",
          "failed",
          "skipped"
        ]
      },
      "TestTicket": {
        "type": "object",
        "properties": {
          "check": {
            "type": "string"
          },
          "outcome": {
            "$ref": "#/components/schemas/Outcome"
          },
          "evidence": {
            "type": "string"
          },
          "milliseconds": {
            "type": "integer",
            "minimum": 0
          },
          "code": {
            "$ref": "#/components/schemas/ErrorCode"
          },
          "problem": {
            "$ref": "#/components/schemas/PSAProblem"
          }
        },
        "required": [
          "check",
          "outcome",
          "evidence"
        ],
        "additionalProperties": false
      },
      "Choice": {
        "type": "object",
        "properties": {
          "id": {
            "type": "string"
          },
          "name": {
            "type": "string"
          }
        },
        "required": [
          "id",
          "name"
        ],
        "additionalProperties": false
      },
      "StatusChoice": {
        "type": "object",
        "properties": {
          "id": {
            "type": "string"
          },
          "name": {
            "type": "string"
          },
          "phase": {
            "type": "string",
            "enum": [
              "open",
              "waiting",
              "closed",
              "unknown"
            ]
          }
        },
        "required": [
          "id",
          "name",
          "phase"
        ],
        "additionalProperties": false
      },
      "TicketChoices": {
        "type": "object",
        "properties": {
          "types": {
            "type": "array",
            "items": {
              "$ref": "#/components/schemas/Choice"
            }
          },
          "statuses": {
            "type": "array",
            "items": {
              "$ref": "#/components/schemas/StatusChoice"
            }
          },
          "priorities": {
            "type": "array",
            "items": {
              "$ref": "#/components/schemas/Choice"
            },
            "description": "Empty without a ticket type: which exist depends on it."
          }
        },
        "required": [
          "types",
          "statuses",
          "priorities"
        ],
        "additionalProperties": false
      },
      "TicketDefaults": {
        "type": "object",
        "description": "One that is missing, null or empty means none.",
        "properties": {
          "revision": {
            "type": "integer",
            "description": "The revision of the connection that the change was made to."
          },
          "type": {
            "type": [
              "string",
              "integer",
              "null"
            ]
          },
          "status": {
            "type": [
              "string",
              "integer",
              "null"
            ]
          },
          "priority": {
            "type": [
              "string",
              "integer",
              "null"
            ]
          },
          "acceptUnverified": {
            "type": "boolean",
            "description": "Save although the PSA's lists can't be read."
          }
        },
        "required": [
          "revision"
        ],
        "additionalProperties": false
      },
      "AuditEntry": {
        "type": "object",
        "properties": {
          "place": {
            "type": "integer",
            "minimum": 1,
            "description": "Later entries stand higher."
          },
          "at": {
            "type": "string",
            "format": "date-time",
            "description": "When."
          },
          "user": {
            "type": "string",
            "description": "An account, (system) or (unknown)."
          },
          "action": {
            "$ref": "#/components/schemas/AuditAction"
          },
          "target": {
            "type": "string"
          },
          "outcome": {
            "type": "string",
            "enum": [
              "done",
              "refused",
              "failed",
              "unknown"
            ]
          },
          "detail": {
            "type": "string"
          },
          "code": {
            "$ref": "#/components/schemas/ErrorCode"
          },
          "correlationID": {
            "$ref": "#/components/schemas/CorrelationID"
          },
          "address": {
            "type": "string"
          }
        },
        "required": [
          "place",
          "at",
          "user",
          "action",
          "target",
          "outcome",
          "detail",
          "correlationID"
        ],
        "additionalProperties": false
      },
      "AuditAction": {
        "type": "string",
        "enum": [
          "account.signed_in",
          "account.sign_in_failed",
          "account.sign_in_blocked",
          "account.signed_out",
          "account.created",
          "account.changed",
          "account.removed",
          "account.password_changed",
          "connection.tested",
          "connection.checked",
          "connection.created",
          "connection.changed",
          "connection.removed",
          "connection.ticket_defaults_changed",
          "ticket.test_created",
          "ticket.created",
          "ticket.note_added",
          "job.decided",
          "rule.created",
          "rule.changed",
          "rule.removed",
          "rule.paused",
          "rule.resumed",
          "rule.replayed",
          "outbox.limits_changed",
          "company.mapped",
          "company.mapping_removed",
          "company.dismissed",
          "token.created",
          "token.changed",
          "token.revoked",
          "audit.exported",
          "key.rotated"
        ]
      },
      "Audit": {
        "type": "object",
        "properties": {
          "entries": {
            "type": "array",
            "items": {
              "$ref": "#/components/schemas/AuditEntry"
            },
            "description": "The newest first."
          },
          "next": {
            "type": "integer",
            "description": "Send it as before to get older entries; missing at the end."
          }
        },
        "required": [
          "entries"
        ],
        "additionalProperties": false
      },
      "SignIn": {
        "type": "object",
        "properties": {
          "name": {
            "type": "string"
          },
          "password": {
            "type": "string"
          }
        },
        "required": [
          "name",
          "password"
        ],
        "additionalProperties": false
      },
      "NewAccount": {
        "type": "object",
        "properties": {
          "name": {
            "type": "string",
            "description": "1 to 64 letters, digits or . _ - @."
          },
          "password": {
            "type": "string",
            "description": "At least 12 characters."
          },
          "role": {
            "$ref": "#/components/schemas/Role"
          }
        },
        "required": [
          "name",
          "password",
          "role"
        ],
        "additionalProperties": false
      },
      "RoleChange": {
        "type": "object",
        "properties": {
          "role": {
            "$ref": "#/components/schemas/Role"
          }
        },
        "required": [
          "role"
        ],
        "additionalProperties": false
      },
      "PasswordChange": {
        "type": "object",
        "properties": {
          "current": {
            "type": "string"
          },
          "new": {
            "type": "string"
          }
        },
        "required": [
          "current",
          "new"
        ],
        "additionalProperties": false
      },
      "Connectors": {
        "type": "object",
        "properties": {
          "connectors": {
            "type": "array",
            "items": {
              "$ref": "#/components/schemas/ConnectorSummary"
            }
          }
        },
        "required": [
          "connectors"
        ],
        "additionalProperties": false
      },
      "Connections": {
        "type": "object",
        "properties": {
          "connections": {
            "type": "array",
            "items": {
              "$ref": "#/components/schemas/ConnectionSummary"
            }
          }
        },
        "required": [
          "connections"
        ],
        "additionalProperties": false
      },
      "Accounts": {
        "type": "object",
        "properties": {
          "accounts": {
            "type": "array",
            "items": {
              "$ref": "#/components/schemas/Account"
            }
          }
        },
        "required": [
          "accounts"
        ],
        "additionalProperties": false
      },
      "Errors": {
        "type": "object",
        "properties": {
          "errors": {
            "type": "array",
            "items": {
              "$ref": "#/components/schemas/ErrorEntry"
            }
          }
        },
        "required": [
          "errors"
        ],
        "additionalProperties": false
      },
      "Description": {
        "type": "object",
        "description": "This document."
      },
      "Event": {
        "type": "object",
        "required": [
          "source",
          "id",
          "type",
          "severity",
          "text"
        ],
        "additionalProperties": false,
        "properties": {
          "source": {
            "type": "string",
            "description": "The system that tells it: 1 to 200 bytes of UTF-8. One line, without control characters; blanks at its ends do not count."
          },
          "id": {
            "type": "string",
            "description": "The sender's own name for it: 1 to 500 bytes of UTF-8. One line, without control characters; blanks at its ends do not count."
          },
          "type": {
            "type": "string",
            "description": "What kind of thing happened: 1 to 200 bytes of UTF-8. One line, without control characters; blanks at its ends do not count."
          },
          "severity": {
            "type": "string",
            "enum": [
              "info",
              "warning",
              "error",
              "critical"
            ]
          },
          "company": {
            "type": [
              "string",
              "null"
            ],
            "description": "The company it concerns, by name: up to 1,000 bytes of UTF-8. Control characters and line ends become spaces."
          },
          "companyID": {
            "type": [
              "string",
              "integer",
              "null"
            ],
            "description": "The company's id in the PSA: a whole number from 1, in digits alone (as a JSON number up to 9007199254740991, as a text up to 9223372036854775807), or another text of up to 200 characters, for PSAs whose ids are no numbers. No sign, decimals, exponent or leading zero."
          },
          "device": {
            "type": [
              "string",
              "null"
            ],
            "description": "The device it concerns: up to 1,000 bytes of UTF-8. Control characters and line ends become spaces."
          },
          "text": {
            "type": "string",
            "description": "What happened, in words: up to 262,144 bytes (256 KiB) of UTF-8. What is too long for the PSA is cut in the ticket, with a mark that says how much."
          },
          "at": {
            "type": [
              "string",
              "null"
            ],
            "format": "date-time",
            "description": "When it happened, by RFC 3339 with its zone, from 1900 to 9999, kept to the millisecond; now, where it is missing. A repeat may leave it out."
          }
        }
      },
      "Acceptance": {
        "type": "object",
        "required": [
          "id",
          "repeat",
          "jobs"
        ],
        "additionalProperties": false,
        "properties": {
          "id": {
            "type": "integer",
            "description": "The event's place."
          },
          "repeat": {
            "type": "boolean",
            "description": "Whether it was known already."
          },
          "jobs": {
            "type": "integer",
            "description": "How many rules fired, those included that depend on the company in the PSA."
          }
        }
      },
      "OutboxLimits": {
        "type": "object",
        "required": [
          "revision",
          "oldestHours",
          "longestWaitMinutes"
        ],
        "additionalProperties": false,
        "properties": {
          "revision": {
            "type": "integer",
            "minimum": 0,
            "description": "Counts changes; 0 while nobody has changed anything. Send the one you have read."
          },
          "oldestHours": {
            "type": "integer",
            "minimum": 1,
            "maximum": 720,
            "description": "What is older is not sent by itself; a person releases or drops it."
          },
          "longestWaitMinutes": {
            "type": "integer",
            "minimum": 1,
            "maximum": 60,
            "description": "The longest wait between two tries while the PSA can't be reached, unless the PSA asks for more."
          }
        }
      },
      "EventToken": {
        "type": "object",
        "required": [
          "id",
          "name",
          "namespace",
          "createdAt"
        ],
        "additionalProperties": false,
        "properties": {
          "id": {
            "type": "string",
            "description": "By which it is changed and revoked; not the token itself."
          },
          "name": {
            "type": "string",
            "description": "What people call it: 1 to 80 characters."
          },
          "namespace": {
            "type": [
              "string",
              "null"
            ],
            "description": "The namespace that it shares with other tokens: 1 to 60 of a-z, 0-9, dot, hyphen and underscore. Null for one of its own."
          },
          "createdAt": {
            "type": "string",
            "format": "date-time",
            "description": "When it was made."
          },
          "lastUsedAt": {
            "type": "string",
            "format": "date-time",
            "description": "When it was last used, to about a minute."
          },
          "revokedAt": {
            "type": "string",
            "format": "date-time",
            "description": "When it was revoked; it is missing while the token is good."
          }
        }
      },
      "NewEventToken": {
        "type": "object",
        "required": [
          "name"
        ],
        "additionalProperties": false,
        "properties": {
          "name": {
            "type": "string",
            "description": "What people call it: 1 to 80 characters."
          },
          "namespace": {
            "type": [
              "string",
              "null"
            ],
            "description": "The namespace that it shares with other tokens: 1 to 60 of a-z, 0-9, dot, hyphen and underscore. Null for one of its own."
          }
        }
      },
      "EventTokenChange": {
        "type": "object",
        "required": [
          "namespace"
        ],
        "additionalProperties": false,
        "properties": {
          "namespace": {
            "type": [
              "string",
              "null"
            ],
            "description": "The namespace that it shares with other tokens: 1 to 60 of a-z, 0-9, dot, hyphen and underscore. Null for one of its own."
          }
        }
      },
      "MadeEventToken": {
        "type": "object",
        "required": [
          "id",
          "name",
          "namespace",
          "createdAt",
          "token"
        ],
        "additionalProperties": false,
        "properties": {
          "id": {
            "type": "string",
            "description": "By which it is changed and revoked; not the token itself."
          },
          "name": {
            "type": "string",
            "description": "What people call it: 1 to 80 characters."
          },
          "namespace": {
            "type": [
              "string",
              "null"
            ],
            "description": "The namespace that it shares with other tokens: 1 to 60 of a-z, 0-9, dot, hyphen and underscore. Null for one of its own."
          },
          "createdAt": {
            "type": "string",
            "format": "date-time",
            "description": "When it was made."
          },
          "lastUsedAt": {
            "type": "string",
            "format": "date-time",
            "description": "When it was last used, to about a minute."
          },
          "revokedAt": {
            "type": "string",
            "format": "date-time",
            "description": "When it was revoked; it is missing while the token is good."
          },
          "token": {
            "type": "string",
            "description": "What the program sends as Authorization: Bearer …; it is shown this once."
          }
        }
      },
      "EventTokens": {
        "type": "object",
        "required": [
          "tokens"
        ],
        "additionalProperties": false,
        "properties": {
          "tokens": {
            "type": "array",
            "items": {
              "$ref": "#/components/schemas/EventToken"
            }
          }
        }
      },
      "CompanyMapping": {
        "type": "object",
        "required": [
          "id",
          "connection",
          "sentID",
          "sentName",
          "company",
          "companyName",
          "mappedBy",
          "mappedAt"
        ],
        "additionalProperties": false,
        "properties": {
          "id": {
            "type": "integer"
          },
          "connection": {
            "type": "string",
            "description": "The connection's id."
          },
          "sentID": {
            "type": "string",
            "description": "The company's id as it was sent; empty if none was."
          },
          "sentName": {
            "type": "string",
            "description": "Its name as it was sent; empty if none was."
          },
          "company": {
            "type": "string",
            "description": "The company's id in the PSA."
          },
          "companyName": {
            "type": "string",
            "description": "Its name there when it was mapped; empty if the connection may not read companies."
          },
          "mappedBy": {
            "type": "string",
            "description": "The account that said so."
          },
          "mappedAt": {
            "type": "string",
            "format": "date-time"
          }
        }
      },
      "NewCompanyMapping": {
        "type": "object",
        "required": [
          "connection",
          "company"
        ],
        "additionalProperties": false,
        "properties": {
          "connection": {
            "type": "string",
            "description": "The connection's id."
          },
          "sentID": {
            "type": [
              "string",
              "integer",
              "null"
            ],
            "description": "The company's id as it is sent; leave it out if none is."
          },
          "sentName": {
            "type": [
              "string",
              "null"
            ],
            "description": "The company's name as it is sent, in any spelling; leave it out if none is."
          },
          "company": {
            "type": [
              "string",
              "integer"
            ],
            "description": "The company's id in the PSA."
          }
        }
      },
      "UnmatchedCompany": {
        "type": "object",
        "required": [
          "id",
          "connection",
          "sentID",
          "sentName",
          "reason",
          "firstSeenAt",
          "lastSeenAt",
          "count",
          "dismissed"
        ],
        "additionalProperties": false,
        "properties": {
          "id": {
            "type": "integer"
          },
          "connection": {
            "type": "string",
            "description": "The connection's id."
          },
          "sentID": {
            "type": "string",
            "description": "The company's id as it was sent; empty if none was."
          },
          "sentName": {
            "type": "string",
            "description": "Its name as it was sent; empty if none was."
          },
          "reason": {
            "enum": [
              "not_found",
              "ambiguous",
              "unreadable",
              "incomplete"
            ],
            "description": "Why nobody but a person can say which one it is: none has the id or name, several have the name, the connection may not read companies, or the list came with gaps."
          },
          "firstSeenAt": {
            "type": "string",
            "format": "date-time"
          },
          "lastSeenAt": {
            "type": "string",
            "format": "date-time"
          },
          "count": {
            "type": "integer",
            "minimum": 1,
            "description": "How often it was named."
          },
          "dismissed": {
            "type": "boolean",
            "description": "Whether a person said that it needs no attention."
          }
        }
      },
      "CompanyMappings": {
        "type": "object",
        "required": [
          "mappings",
          "unmatched"
        ],
        "additionalProperties": false,
        "properties": {
          "mappings": {
            "type": "array",
            "items": {
              "$ref": "#/components/schemas/CompanyMapping"
            }
          },
          "unmatched": {
            "type": "array",
            "items": {
              "$ref": "#/components/schemas/UnmatchedCompany"
            }
          }
        }
      },
      "Dismissal": {
        "type": "object",
        "required": [
          "dismissed"
        ],
        "additionalProperties": false,
        "properties": {
          "dismissed": {
            "type": "boolean"
          }
        }
      }
    }
  }
}

"""##)
}
