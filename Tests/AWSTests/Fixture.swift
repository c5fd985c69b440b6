import FoundationEssentials
import Glibc

/// Files that lie beside the tests.
enum Fixture {
    static func bytes(_ name: String, here: String = #filePath) throws -> [UInt8] {
        let folder = here.prefix(through: here.lastIndex(of: "/") ?? here.startIndex)
        return Array(try Data(contentsOf: URL(filePath: folder + "Fixtures/" + name)))
    }

    static func json<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(try bytes(name)))
    }
}
