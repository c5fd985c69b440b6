import BackupCore
import Testing

@testable import AWS

@Suite struct HashTests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ])
    func sha256(_ text: String, _ digest: String) { #expect(Hash.hex(Hash.sha256(text)) == digest) }

    /// RFC 4231, test case 2.
    @Test func hmac() {
        let mac = Hash.hmacSHA256(key: Array("Jefe".utf8), Array("what do ya want for nothing?".utf8))
        #expect(Hash.hex(mac) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test(arguments: [("", "", true), ("a", "a", true), ("a", "b", false), ("a", "aa", false)])
    func matches(_ a: String, _ b: String, _ equal: Bool) { #expect(Hash.matches(a, b) == equal) }

    @Test func keysAreDerivedOncePerDayRegionServiceAndSecret() {
        let keys = SigningKeyCache()
        let credentials = Credentials(accessKeyID: "A", secret: "s")
        let today = SignatureV4(region: Region("eu-west-1"), service: "ec2", date: .published)
        #expect(keys.key(for: today, of: credentials) == today.signingKey(secret: "s"))
        #expect(keys.key(for: today, of: credentials) == today.signingKey(secret: "s"))
        #expect(keys.count == 1)
        let other = Credentials(accessKeyID: "A", secret: "t")
        #expect(keys.key(for: today, of: other) == today.signingKey(secret: "t"))
        #expect(keys.count == 2)
        let tomorrow = SignatureV4(region: Region("eu-west-1"), service: "ec2", date: .published + .seconds(86_400))
        #expect(keys.key(for: tomorrow, of: credentials) == tomorrow.signingKey(secret: "s"))
        #expect(keys.count == 1)
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
