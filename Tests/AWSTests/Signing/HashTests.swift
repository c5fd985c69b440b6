import BackupCore
import Testing

@testable import AWS

@Suite struct HashTests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ])
    func sha256(_ text: String, _ digest: String) { #expect(Hash.hex(Hash.sha256(Array(text.utf8))) == digest) }

    /// RFC 4231, test case 2.
    @Test func hmac() {
        let mac = Hash.hmac(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
        #expect(Hash.hex(mac) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test(arguments: [("", "", true), ("a", "a", true), ("a", "b", false), ("a", "aa", false)])
    func matches(_ a: String, _ b: String, _ equal: Bool) { #expect(Hash.areEqual(a, b) == equal) }

    @Test func keptKeysAreThoseOfTheirDayRegionServiceAndSecret() {
        var keys = SigningKeyCache()
        let rows = [
            ("s", "20150830", "eu-west-1", "ec2"), ("t", "20150830", "eu-west-1", "ec2"),
            ("s", "20150831", "eu-west-1", "ec2"), ("s", "20150830", "eu-west-2", "ec2"),
            ("s", "20150830", "eu-west-1", "sts"),
        ]
        var seen: Set<[UInt8]> = []
        for (secret, day, region, service) in rows + rows {
            let key = keys.key(secret: secret, day: day, region: region, service: service).bytes
            #expect(key == SignatureV4.signingKey(secret: secret, day: day, region: region, service: service))
            seen.insert(key)
        }
        #expect(seen.count == rows.count)
    }

    @Test func credentialsNeverShowTheirSecret() {
        let credentials = Credentials(accessKeyID: "AKIDEXAMPLE", secret: "hidden-secret", sessionToken: "hidden-token")
        var dumped = ""
        dump([credentials], to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), "\([credentials])", dumped] {
            #expect(text.contains("AKIDEXAMPLE"))
            #expect(!text.contains("hidden"))
        }
    }
}
