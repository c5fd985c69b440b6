import Testing

@testable import AWS

/// The shared files as botocore's parser reads them.
@Suite struct ProfileFileTests {
    @Test func readsWhatAPersonWrites() throws {
        let file = try ProfileFile(
            """
            # a comment
            [default]
            aws_access_key_id=D
            AWS_Secret_Access_Key : with=sign/and+more
            s3 =
              max_queue_size = 1
              aws_access_key_id = nested
              # and a comment

            ; another
            [ other ]\r
            aws_access_key_id = O\r
              continued\r
            aws_secret_access_key = # no comment\r
            [indented]
              aws_access_key_id = I
              aws_secret_access_key = i
            """, path: "f", .credentials)
        #expect(
            file.profiles == [
                "default": ["aws_access_key_id": "D", "aws_secret_access_key": "with=sign/and+more", "s3": ""],
                "other": ["aws_access_key_id": "O\ncontinued", "aws_secret_access_key": "# no comment"],
                "indented": ["aws_access_key_id": "I", "aws_secret_access_key": "i"],
            ])
    }

    @Test func aConfigFilesProfilesSaySo() throws {
        let text = """
            [default]
            k = 1
            [profile a]
            k = 2
            [profile "b c"]
            k = 3
            [d]
            k = 4
            [sso-session e]
            k = 5
            [profilex f]
            k = 6
            """
        let config = try ProfileFile(text, path: "f", .config)
        #expect(config.profiles == ["default": ["k": "1"], "a": ["k": "2"], "b c": ["k": "3"]])
        #expect(try ProfileFile(text, path: "f", .credentials)["profile a"] == ["k": "2"])
    }

    @Test(arguments: [
        ("[default\n", "f:1: the section's \"]\" is missing"),
        ("[default]\n\nsecret-without-a-name\n", "f:3: expected \"name = value\""),
        ("[default]\n= secret\n", "f:2: expected \"name = value\""),
        ("secret = x\n", "f:1: expected a section such as [default] first"),
        ("[a]\nk=secret\nK=secret\n", "f:3: k stands twice in [a]: remove one"),
        ("[a]\n[b]\n[a]\n", "f:3: the section [a] stands twice: make one of them"),
    ])
    func saysWhereAFileIsWrong(_ text: String, _ message: String) {
        let error = #expect(throws: CredentialsError.self) { try ProfileFile(text, path: "f", .config) }
        #expect(error?.description == message)
    }

    @Test(
        arguments: [
            ("a b", ["a", "b"]), ("  a\t'b  c' ", ["a", "b  c"]), (#"a\ b "c \" \d""#, ["a b", #"c " \d"#]),
            ("a'' ''", ["a", ""]), (#"x'y'"z""#, ["xyz"]), ("", []), ("'a", nil), ("a\\", nil), (#""a\"#, nil),
        ] as [(String, [String]?)])
    func words(_ text: String, _ words: [String]?) {
        #expect(ShellWords.split(text) == words)
    }
}
