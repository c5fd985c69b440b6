import AWS
import BackupCore

/// What only AWS can tell: the clock, who we are, and then everything that needs to be somebody.
struct AccountChecks {
    let session: Session
    let clock: any WallClock

    func findings() async -> Findings {
        var findings = Findings()
        let first = session.configuration.scopes.keys.map(\.region).min()
        let region = session.settings.region ?? first ?? Region("us-east-1")
        await checkClock(region, &findings)
        var known: Set<AccountID> = []
        for account in session.configuration.usedAccounts {
            if await isKnown(account, in: region, &findings) { known.insert(account) }
        }
        guard !known.isEmpty else { return findings }
        let inventory = await session.inventory()
        for (place, listing) in inventory.listings.sorted(by: { $0.key < $1.key }) {
            if let gap = listing.gap, gap.code == "SameAccount" {
                findings.fail("config", "\(place): \(gap.message)", remedy: "name the account")
            }
        }
        for place in session.configuration.scopes.keys.sorted() where known.contains(place.account) {
            switch place.provider {
            case .ec2:
                let checks = EC2Checks(session: session, inventory: inventory, site: place.site, clock: clock)
                findings.append(await checks.findings())
            case .lightsail, .lightsailDisks, .lightsailDatabases:
                findings.append(await LightsailChecks(session: session, place: place).findings())
            }
        }
        findings.append(await KeyChecks(session: session).findings())
        if known.contains(.standard) { findings.append(await BucketCheck(session: session).findings()) }
        return findings
    }

    /// A signature holds for five minutes (IAM User Guide, "Elements of an AWS API request signature").
    private func checkClock(_ region: Region, _ findings: inout Findings) async {
        let endpoint = session.settings.endpoint(.sts, in: region)
        do throws(TransportError) {
            guard let theirs = try await ServerClock.read(endpoint, by: session.transport) else {
                return findings.warn(
                    "clock", "\(endpoint.url) tells no time", remedy: "see whether a proxy answers instead of AWS")
            }
            let off = theirs > clock.now ? theirs - clock.now : clock.now - theirs
            let text = "\(off.short) \(theirs > clock.now ? "behind" : "ahead of") AWS's"
            switch off.inSeconds {
            case ...5: findings.ok("clock", "agrees with AWS's")
            case ...60: findings.warn("clock", text, remedy: "timedatectl set-ntp true")
            default:
                findings.fail("clock", text, remedy: "timedatectl set-ntp true: from 2min on nothing is deleted")
            }
        } catch {
            findings.fail(
                "network", "\(endpoint.url): \(error.message)",
                remedy: "see whether this machine reaches AWS: name server, route, proxy, firewall, AWS_CA_BUNDLE")
        }
    }

    private func isKnown(_ account: AccountID, in region: Region, _ findings: inout Findings) async -> Bool {
        do throws(AWSError) {
            let identity = try await STSClient(session.client(of: account)).getCallerIdentity(in: region)
            findings.ok("credentials", "\(identity.arn) in account \(identity.account)")
            return true
        } catch {
            findings.fail(
                "credentials", "\(CloudError(error))",
                remedy: account != .standard
                    ? "see that the standard credentials may take on the role (\"snapwarden iam-policy\"), and its trust policy"
                    : error.code == "NoCredentials"
                        ? "see \"Install as a service\" in the README" : "renew the credentials; nothing else was tried"
            )
            return false
        }
    }
}

/// Asks KMS about each key that copies name.
struct KeyChecks {
    let session: Session

    func findings() async -> Findings {
        var findings = Findings()
        let policies = session.configuration.policies.filter { policy in
            policy.selection.kinds.contains { $0.provider == .ec2 }
        }
        let keys = Set(
            policies.flatMap { $0.copies.compactMap { rule in rule.kmsKey.map { [rule.site.description, $0] } } })
        for key in keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            await check(key[1], Site(key[0]), &findings)
        }
        return findings
    }

    private func check(_ key: String, _ site: Site, _ findings: inout Findings) async {
        let title = "\(key) in \(site)"
        do throws(AWSError) {
            let found = try await KMSClient(session.client(of: site.account))
                .describeKey(DescribeKeyRequest(keyID: key), in: site.region)
                .metadata
            if let state = found.state, state != "Enabled" {
                findings.fail(
                    "key", "\(title) is \(state)", remedy: "enable it, or name another: every copy under it fails")
            } else if found.usage ?? "ENCRYPT_DECRYPT" != "ENCRYPT_DECRYPT"
                || found.spec ?? "SYMMETRIC_DEFAULT" != "SYMMETRIC_DEFAULT"
            {
                findings.fail(
                    "key", "\(title) is no symmetric encryption key", remedy: "name one: EBS takes no other")
            } else {
                findings.ok("key", "\(title) is enabled")
            }
        } catch {
            findings.fail(
                "key", "\(title): \(error.code): \(error.message)",
                remedy: error.needsPerson
                    ? "allow kms:DescribeKey, in IAM and in the key's own policy; \"snapwarden iam-policy\" prints all"
                    : "create the key or alias in \(site), or name another")
        }
    }
}
