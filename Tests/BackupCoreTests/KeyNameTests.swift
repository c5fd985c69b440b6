import BackupCore
import Testing

@Suite struct KeyNameTests {
    static let id = "1234abcd-12ab-34cd-56ef-1234567890ab"
    static let multi = "mrk-1234abcd12ab34cd56ef1234567890ab"
    static let start = "arn:aws:kms:eu-west-1:111122223333:"

    @Test(
        arguments: [
            ("alias/dr", "alias/dr", true, nil), ("alias/aws/ebs", "alias/aws/ebs", true, nil), (id, id, false, nil),
            (id.uppercased(), id.uppercased(), false, nil), (multi, multi, false, nil),
            (start + "key/" + id, id, false, "111122223333"), (start + "key/" + multi, multi, false, "111122223333"),
            (start + "alias/a/b_c-D9", "alias/a/b_c-D9", true, "111122223333"),
        ] as [(String, String, Bool, String?)])
    func forms(_ text: String, _ name: String, _ isAlias: Bool, _ account: String?) throws {
        let key = try KeyName(text)
        #expect(key.name == name && key.isAlias == isAlias)
        #expect(key.owner?.account == account)
        #expect(account == nil || (key.owner?.region == Region("eu-west-1") && key.owner?.partition == "aws"))
    }

    static let like = "it is like \(start)key/\(id), or ends in :alias/NAME"
    static let others = "its id, such as \(id), or its ARN"

    @Test(arguments: [
        ("dr", "\"dr\" is no key's name: write alias/dr if that is its alias, else \(others)"),
        ("alias/", "\"alias/\" is no key's name: write its alias, \(others)"),
        ("alias/ä", "\"alias/ä\" is no key's name: write its alias, \(others)"),
        ("my key", "\"my key\" is no key's name: write its alias, \(others)"),
        ("key/" + id, "\"key/\(id)\" is only the end of an ARN: write \(id)"),
        (start + id, "\"\(start)\(id)\" is no key's ARN: \(like)"),
        (start + "key/dr", "\"\(start)key/dr\" is no key's ARN: \(like)"),
        (start + "key/alias/dr", "\"\(start)key/alias/dr\" is no key's ARN: \(like)"),
        ("arn:aws:kms:eu-west-1::key/" + id, "\"arn:aws:kms:eu-west-1::key/\(id)\" is no key's ARN: \(like)"),
        ("arn:aws:iam::111122223333:role/x", "\"arn:aws:iam::111122223333:role/x\" is no key's ARN: \(like)"),
        ("arn:aws:kms", "\"arn:aws:kms\" is no key's ARN: \(like)"),
        (
            String(id.dropLast()),
            "\"\(id.dropLast())\" is no key's name: write alias/\(id.dropLast()) if that is its alias, else \(others)"
        ),
    ])
    func refuses(_ text: String, _ problem: String) {
        let error = #expect(throws: BadKeyName.self) { try KeyName(text) }
        #expect(error?.description == problem)
    }

    @Test(arguments: [
        ("the same alias", "alias/dr", start + "alias/dr", true), ("another alias", "alias/dr", "alias/new", false),
        ("the same id", id, start + "key/" + id, true), ("another id", id, multi, false),
        ("an alias and an id", "alias/dr", id, true),
        ("an alias of another account", "arn:aws:kms:eu-west-1:999999999999:alias/dr", start + "key/" + id, false),
        ("a key of another account", "arn:aws:kms:eu-west-1:999999999999:key/" + id, start + "key/" + id, false),
    ])
    func sameKeys(_ name: String, _ a: String, _ b: String, _ canBe: Bool) throws {
        #expect(try KeyName(a).canBe(try KeyName(b)) == canBe)
        #expect(try KeyName(b).canBe(try KeyName(a)) == canBe)
    }
}
