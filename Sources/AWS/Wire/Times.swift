package import BackupCore

/// A time as EC2's XML writes it: `2026-11-20T02:00:00.123Z`.
///
/// Fractions are dropped when read.
package struct ISOTime: Codable, Sendable, Equatable {
    package var moment: Moment

    package init(_ moment: Moment) { self.moment = moment }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let moment = Moment(rfc3339: text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\"\(text)\" is not a time")
        }
        self.moment = moment
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(moment.description.dropLast() + ".000Z")
    }
}

/// A time as Lightsail's JSON writes it: seconds since 1970, with a fraction, which is dropped when read.
package struct EpochTime: Codable, Sendable, Equatable {
    package var moment: Moment

    package init(_ moment: Moment) { self.moment = moment }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let seconds = try container.decode(Double.self)
        guard let whole = Int64(exactly: seconds.rounded(.down)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(seconds) is not a time")
        }
        moment = Moment(seconds: whole)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Double(moment.seconds))
    }
}
