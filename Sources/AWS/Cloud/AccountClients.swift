/// What an account is read by.
package struct AccountReading: Sendable {
    let ec2: any EC2Reading
    let lightsail: any LightsailReading
    let keys: (any KMSReading)?
    let sts: (any STSReading)?

    /// `keys` and `sts` are only needed where there are several accounts.
    package init(
        ec2: any EC2Reading, lightsail: any LightsailReading, keys: (any KMSReading)? = nil,
        sts: (any STSReading)? = nil
    ) {
        self.ec2 = ec2
        self.lightsail = lightsail
        self.keys = keys
        self.sts = sts
    }
}

/// What an account is read and changed by.
package struct AccountClients: Sendable {
    let ec2: any EC2Operations
    let lightsail: any LightsailOperations
    /// The same, for who shall only read.
    package let reading: AccountReading

    /// `keys` and `sts` are only needed where there are several accounts.
    package init(
        ec2: any EC2Operations, lightsail: any LightsailOperations, keys: (any KMSReading)? = nil,
        sts: (any STSReading)? = nil
    ) {
        self.ec2 = ec2
        self.lightsail = lightsail
        reading = AccountReading(ec2: ec2, lightsail: lightsail, keys: keys, sts: sts)
    }
}
