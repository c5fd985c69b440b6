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
            name: "FIPS", environment: ["AWS_USE_FIPS_ENDPOINT": "True"], service: .kms, region: "ca-west-1",
            url: "https://kms-fips.ca-west-1.amazonaws.com/"),
        Row(
            name: "dual-stack", environment: ["AWS_USE_DUALSTACK_ENDPOINT": "true"], service: .ec2, region: "us-west-2",
            url: "https://ec2.us-west-2.api.aws/"),
        Row(
            name: "given endpoints ignored",
            environment: [
                "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "TRUE", "AWS_ENDPOINT_URL": "http://a:1",
                "AWS_ENDPOINT_URL_EC2": "not looked at",
            ], service: .ec2, region: "eu-west-1", url: "https://ec2.eu-west-1.amazonaws.com/"),
        Row(
            name: "false is plain",
            environment: ["AWS_USE_FIPS_ENDPOINT": "false", "AWS_USE_DUALSTACK_ENDPOINT": "False"], service: .sts,
            region: "eu-west-1", url: "https://sts.eu-west-1.amazonaws.com/"),
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

    // MARK: The profile

    struct ProfileRow: Sendable, CustomTestStringConvertible {
        let name: String
        let config: String
        var environment: [String: String] = [:]
        /// Of STS in eu-west-1, or what is wrong.
        let outcome: String
        var testDescription: String { name }
    }

    @Test(arguments: [
        ProfileRow(
            name: "both switches", config: "[default]\nuse_fips_endpoint = true\nuse_dualstack_endpoint = TRUE",
            outcome: "https://sts-fips.eu-west-1.api.aws/"),
        ProfileRow(
            name: "the environment first", config: "[default]\nuse_fips_endpoint = true",
            environment: ["AWS_USE_FIPS_ENDPOINT": "false"], outcome: "https://sts.eu-west-1.amazonaws.com/"),
        ProfileRow(
            name: "the profile that is named", config: "[default]\n[profile dual]\nuse_dualstack_endpoint = true",
            environment: ["AWS_PROFILE": "dual"], outcome: "https://sts.eu-west-1.api.aws/"),
        ProfileRow(
            name: "another profile's is not ours", config: "[profile dual]\nuse_dualstack_endpoint = true",
            outcome: "https://sts.eu-west-1.amazonaws.com/"),
        ProfileRow(
            name: "an endpoint", config: "[default]\nendpoint_url = https://h:1",
            outcome: "https://h:1/"),
        ProfileRow(
            name: "an endpoint, ignored",
            config: "[default]\nendpoint_url = https://h:1\nignore_configured_endpoint_urls = true",
            outcome: "https://sts.eu-west-1.amazonaws.com/"),
        ProfileRow(
            name: "no endpoint", config: "[profile p]\nendpoint_url = h", environment: ["AWS_PROFILE": "p"],
            outcome:
                "endpoint_url of profile \"p\": expected http://HOST[:PORT] or https://HOST[:PORT], got \"h\""),
        ProfileRow(
            name: "neither true nor false", config: "[default]\nuse_fips_endpoint = 1",
            outcome: "use_fips_endpoint of profile \"default\": expected true or false, got \"1\""),
        ProfileRow(
            name: "FIPS by the profile, and an endpoint", config: "[default]\nuse_fips_endpoint = true",
            environment: ["AWS_ENDPOINT_URL_KMS": "https://h"],
            outcome:
                "AWS_USE_FIPS_ENDPOINT: cannot be true where an endpoint is given (AWS_ENDPOINT_URL…), which is used "
                + "as it is: unset one, or set AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true"),
        ProfileRow(
            name: "dual-stack, and an endpoint", config: "[default]\nendpoint_url = https://h",
            environment: ["AWS_USE_DUALSTACK_ENDPOINT": "true"],
            outcome:
                "AWS_USE_DUALSTACK_ENDPOINT: cannot be true where an endpoint is given (AWS_ENDPOINT_URL…), which is "
                + "used as it is: unset one, or set AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true"),
        ProfileRow(
            name: "a file that cannot be read", config: "key = 1",
            outcome: "~/.aws/config:1: expected a section such as [default] first"),
    ])
    func profiles(_ row: ProfileRow) throws {
        let home = try Home(config: row.config)
        do throws(WireError) {
            let settings = try AWSSettings(environment: home.environment(row.environment))
            #expect(settings.endpoint(.sts, in: Region("eu-west-1")).url == row.outcome)
        } catch {
            #expect(error.description.replacing(home.path, with: "~") == row.outcome)
        }
    }

    @Test func theCredentialsFileMaySayTheSameAndMayBeTorn() throws {
        let home = try Home(credentials: "[default]\nuse_fips_endpoint = true", config: "[default]\nregion = eu-west-3")
        #expect(try AWSSettings(environment: home.environment()).variant == EndpointVariant(isFIPS: true))
        try home.write("torn", to: ".aws/credentials")
        let settings = try AWSSettings(environment: home.environment())
        #expect(settings.variant == EndpointVariant() && settings.region == Region("eu-west-3"))
    }

    @Test func readsRegionAndBundleOfTheProfile() throws {
        let home = try Home(config: "[default]\nregion = eu-west-3\nca_bundle = /ca.pem")
        let settings = try AWSSettings(environment: home.environment())
        #expect(settings.region == Region("eu-west-3"))
        #expect(settings.caBundle == "/ca.pem")
        let nearer = home.environment(["AWS_DEFAULT_REGION": "eu-west-1", "AWS_CA_BUNDLE": "/other.pem"])
        #expect(try AWSSettings(environment: nearer).region == Region("eu-west-1"))
        #expect(try AWSSettings(environment: nearer).caBundle == "/other.pem")
    }

    @Test func aHostThatIsNowhereMayBeOneOfThoseThatAWSLacks() throws {
        let nowhere = TransportError(wasNotSent: true, code: TransportError.nameNotResolved, message: "m")
        let settings = try AWSSettings(environment: [
            "AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "true",
        ])
        #expect(
            settings.hint(on: nowhere)
                == " (not every region has what AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT asks for)")
        #expect(settings.hint(on: TransportError(wasNotSent: true, code: "TimedOut", message: "m")) == "")
        #expect(try AWSSettings(environment: [:]).hint(on: nowhere) == "")
    }
}
