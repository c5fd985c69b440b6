/// A tag as EC2 writes it.
package struct EC2Tag: Codable, Sendable, Equatable {
    package var key: String
    package var value: String

    package init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

/// Tags that a create call puts on what it makes.
package struct TagSpecification: Codable, Sendable, Equatable {
    package var resourceType: String
    package var tags: [EC2Tag]

    package init(resourceType: String, tags: [EC2Tag]) {
        self.resourceType = resourceType
        self.tags = tags
    }

    enum CodingKeys: String, CodingKey {
        case resourceType
        case tags = "Tag"
    }
}

/// A server-side filter: any of the values.
package struct EC2Filter: Codable, Sendable, Equatable {
    package var name: String
    package var values: [String]

    package init(_ name: String, _ values: [String]) {
        self.name = name
        self.values = values
    }

    enum CodingKeys: String, CodingKey {
        case name
        case values = "Value"
    }
}

/// CreateTags: adds tags or overwrites their values.
///
/// Repeating it changes nothing.
package struct CreateTagsRequest: Codable, Sendable, Equatable {
    package var resources: [String]
    package var tags: [EC2Tag]
    package var dryRun: Bool?

    package init(resources: [String], tags: [EC2Tag], dryRun: Bool? = nil) {
        self.resources = resources
        self.tags = tags
        self.dryRun = dryRun
    }

    enum CodingKeys: String, CodingKey {
        case resources = "ResourceId"
        case tags = "Tag"
        case dryRun
    }
}

/// DeleteTags: without `tags` it deletes all but AWS's own.
///
/// Repeating it changes nothing. Source: EC2 API reference, DeleteTags.
package struct DeleteTagsRequest: Codable, Sendable, Equatable {
    /// A tag to be deleted: whatever its value is if none is given, else only if it has this one.
    package struct Tag: Codable, Sendable, Equatable {
        package var key: String
        package var value: String?

        package init(key: String, value: String? = nil) {
            self.key = key
            self.value = value
        }
    }

    package var resources: [String]
    package var tags: [Tag]?
    package var dryRun: Bool?

    package init(resources: [String], tags: [Tag]?, dryRun: Bool? = nil) {
        self.resources = resources
        self.tags = tags
        self.dryRun = dryRun
    }

    enum CodingKeys: String, CodingKey {
        case resources = "ResourceId"
        case tags = "Tag"
        case dryRun
    }
}
