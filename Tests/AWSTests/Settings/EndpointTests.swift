import BackupCore
import Testing

@testable import AWS

/// Where AWS's services are, beside what botocore finds (`Fixtures/make-endpoints.py`).
@Suite struct EndpointTests {
    private struct File: Decodable {
        let rows: [Row]
    }

    private struct Row: Decodable {
        let service: String
        let region: String
        /// Plain, FIPS, dual-stack, both; null is refused.
        let hosts: [String?]
    }

    @Test func everyHostIsBotocores() throws {
        let rows = try Fixture.json("endpoints.json", as: File.self).rows
        #expect(rows.count >= 200)
        for row in rows {
            let service = try #require(Service(rawValue: row.service))
            let region = Region(row.region)
            for (index, host) in row.hosts.enumerated() {
                var settings = try AWSSettings(environment: [:])
                settings.variant = EndpointVariant(isFIPS: index % 2 == 1, isDualStack: index >= 2)
                if let host {
                    #expect(settings.endpoint(service, in: region).url == "https://\(host)/")
                    #expect(throws: Never.self) { try settings.check([region]) }
                } else {
                    #expect(throws: WireError.self) { try settings.check([region]) }
                }
            }
        }
    }

    @Test func partitionsWithoutDualStackAreRefused() throws {
        let settings = try AWSSettings(environment: ["AWS_USE_DUALSTACK_ENDPOINT": "true"])
        let error = #expect(throws: WireError.self) {
            try settings.check([Region("us-east-1"), Region("eu-isoe-west-1")])
        }
        #expect(
            error?.description
                == "AWS_USE_DUALSTACK_ENDPOINT: the partition aws-iso-e of eu-isoe-west-1 has no dual-stack endpoints: unset it"
        )
    }

    @Test func givenEndpointsWinEverywhere() throws {
        let settings = try AWSSettings(environment: ["AWS_ENDPOINT_URL": "http://127.0.0.1:1"])
        for region in ["us-east-1", "cn-north-1", "us-gov-west-1", "us-iso-east-1", "nowhere"] {
            #expect(settings.endpoint(.lightsail, in: Region(region)).url == "http://127.0.0.1:1/")
        }
    }
}
