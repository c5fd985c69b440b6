import AWS
import BackupCore

/// Prints how many signatures a second the signer makes of a request such as DescribeSnapshots.
enum SigningBenchmark {
    static func run() {
        let credentials = Credentials(
            accessKeyID: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
        let signer = SignatureV4(credentials: credentials, region: Region("us-east-1"), service: "ec2")
        let headers = [
            Header("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
            Header("host", "ec2.us-east-1.amazonaws.com"),
        ]
        let body = Array("Action=DescribeSnapshots&Version=2016-11-15&Owner.1=self&MaxResults=1000&NextToken=abc".utf8)
        let calls = 20_000
        let each = processorNanoseconds(calls: calls) {
            for second in 0..<calls {
                let date = Moment(seconds: 1_795_140_000 + Int64(second))
                use(signer.headers(signing: headers, method: "POST", path: "/", body: body, at: date))
            }
        }
        print(1e9 / each)
    }
}
