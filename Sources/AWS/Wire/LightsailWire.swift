import FoundationEssentials

/// Lightsail's protocol, JSON 1.1: both halves.
package enum LightsailWire {
    package static let contentType = "application/x-amz-json-1.1"
    private static let targetPrefix = "Lightsail_20161128."

    /// The value of `X-Amz-Target`.
    package static func target(_ operation: Operation) -> String { targetPrefix + operation.name }

    /// The operation's name in an `X-Amz-Target`; nil if it is not Lightsail's.
    package static func operationName(target: String) -> String? {
        target.hasPrefix(targetPrefix) ? String(target.dropFirst(targetPrefix.count)) : nil
    }

    /// A request or a reply as JSON; absent values leave no key.
    package static func encode(_ value: some Encodable) throws(WireError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        do {
            return Array(try encoder.encode(value))
        } catch {
            throw WireError(error)
        }
    }

    /// A request or a reply out of JSON.
    package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws(WireError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw WireError(error)
        }
    }

    private struct ErrorBody: Codable {
        var __type: String?
        var code: String?
        var message: String?
        var Message: String?
    }

    /// What an error reply says; nil if it is none of Lightsail's, such as a proxy's page.
    ///
    /// The code may stand in a header or in the body, with a namespace before a `#` or a link after a `:`. Source:
    /// Smithy's AWS JSON 1.1 protocol, "Operation error serialization".
    package static func fault(from bytes: [UInt8], headers: [Header]) -> WireFault? {
        let body = try? decode(ErrorBody.self, from: bytes)
        guard let name = headers.value(of: "x-amzn-errortype") ?? body?.__type ?? body?.code else { return nil }
        guard let code = name.prefix(while: { $0 != ":" }).split(separator: "#").last else { return nil }
        return WireFault(
            code: String(code), message: body?.message ?? body?.Message ?? "",
            requestID: headers.value(of: "x-amzn-requestid"))
    }

    /// The body of an error reply.
    package static func document(_ fault: WireFault) throws(WireError) -> [UInt8] {
        try encode(ErrorBody(__type: fault.code, message: fault.message))
    }
}
