import BackupCore
import Testing

@testable import AWS

@Suite struct SettingsTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let environment: [String: String]
        let service: Service
        let region: String
        let url: String
        var testDescription: String { name }
    }

    @Test(arguments: [
        Row(
            name: "real", environment: [:], service: .ec2, region: "eu-west-1",
            url: "https://ec2.eu-west-1.amazonaws.com/"),
        Row(
            name: "China", environment: [:], service: .sts, region: "cn-north-1",
            url: "https://sts.cn-north-1.amazonaws.com.cn/"),
        Row(
            name: "one for all", environment: ["AWS_ENDPOINT_URL": "http://127.0.0.1:5000"], service: .lightsail,
            region: "eu-west-1", url: "http://127.0.0.1:5000/"),
        Row(
            name: "one for one",
            environment: [
                "AWS_ENDPOINT_URL": "http://a:1", "AWS_ENDPOINT_URL_EC2": "https://b:2/",
            ], service: .ec2, region: "eu-west-1", url: "https://b:2/"),
        Row(
            name: "the others' own",
            environment: [
                "AWS_ENDPOINT_URL": "http://a:1", "AWS_ENDPOINT_URL_EC2": "https://b:2",
            ], service: .sts, region: "eu-west-1", url: "http://a:1/"),
        Row(
            name: "empty is unset", environment: ["AWS_ENDPOINT_URL_LIGHTSAIL": ""], service: .lightsail,
            region: "us-east-1", url: "https://lightsail.us-east-1.amazonaws.com/"),
    ])
    func endpoints(_ row: Row) throws {
        let settings = try AWSSettings(environment: row.environment)
        #expect(settings.endpoint(row.service, in: Region(row.region)).url == row.url)
    }

    @Test(arguments: [
        "127.0.0.1:5000", "ftp://host", "http://", "http://user@host", "http://h/path", "http://h?q", "http://a b",
    ])
    func refusesWhatIsNoEndpoint(_ text: String) {
        let error = #expect(throws: WireError.self) { try AWSSettings(environment: ["AWS_ENDPOINT_URL_STS": text]) }
        #expect(
            error?.description
                == "AWS_ENDPOINT_URL_STS: expected http://HOST[:PORT] or https://HOST[:PORT], got \"\(text)\"")
    }

    @Test func readsRegionAndBundle() throws {
        let both = try AWSSettings(environment: [
            "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_CA_BUNDLE": "/ca.pem",
        ])
        #expect(both.region == Region("eu-west-1"))
        #expect(both.caBundle == "/ca.pem")
        #expect(try AWSSettings(environment: ["AWS_DEFAULT_REGION": "us-east-1"]).region == Region("us-east-1"))
        #expect(try AWSSettings(environment: ["AWS_REGION": ""]).region == nil)
    }
}
