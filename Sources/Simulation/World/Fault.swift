package import AWS
package import BackupCore

/// Something that goes wrong with calls to come.
///
/// The first fault of the list that fits a call decides: it lets `skip` such calls through, spoils the next `count`,
/// and is then used up.
package struct Fault: Codable, Sendable, Equatable {
    package enum Kind: String, Codable, Sendable, CaseIterable {
        /// AWS's "too many requests"; nothing is done.
        case throttle
        /// 503; nothing is done, but the caller cannot know.
        case unavailable
        /// 500; likewise.
        case `internal`
        /// The connection closes without a byte of an answer, and nothing is done.
        case dropBefore
        /// The same, and it is done.
        case dropAfter
        /// The call is answered well, but what it makes ends in failure.
        case failLater
    }

    /// An operation's name, or `*` for any.
    package var operation: String
    /// Two services have a CopySnapshot; nil means both.
    package var service: String?
    package var region: String?
    package var kind: Kind
    package var skip: Int
    package var count: Int

    package init(
        _ kind: Kind, on operation: String, service: Service? = nil, region: Region? = nil, skip: Int = 0,
        count: Int = 1
    ) {
        self.operation = operation
        self.service = service?.rawValue
        self.region = region?.rawValue
        self.kind = kind
        self.skip = skip
        self.count = count
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        operation = try values.decode(String.self, forKey: .operation)
        service = try values.decodeIfPresent(String.self, forKey: .service)
        region = try values.decodeIfPresent(String.self, forKey: .region)
        kind = try values.decode(Kind.self, forKey: .kind)
        skip = try values.decodeIfPresent(Int.self, forKey: .skip) ?? 0
        count = try values.decodeIfPresent(Int.self, forKey: .count) ?? 1
    }

    func fits(_ operation: Operation, in region: Region) -> Bool {
        (self.operation == "*" || self.operation == operation.name)
            && (service ?? operation.service.rawValue) == operation.service.rawValue
            && (self.region ?? region.rawValue) == region.rawValue
    }
}

extension World {
    /// The fault that this call meets, if any; using it up is part of asking.
    mutating func nextFault(for operation: Operation, in region: Region) -> Fault.Kind? {
        guard let index = faults.firstIndex(where: { $0.count > 0 && $0.fits(operation, in: region) }) else {
            return nil
        }
        if faults[index].skip > 0 {
            faults[index].skip -= 1
            return nil
        }
        let kind = faults[index].kind
        faults[index].count -= 1
        if faults[index].count == 0 { faults.remove(at: index) }
        return kind
    }
}
