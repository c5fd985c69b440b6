import Testing

@testable import BackupCore

/// What a snapshot does not hold, as a line of words in tags.
struct SidecarTests {
    @Test func oneLineThatAPersonCanRead() {
        let sidecar = Sidecar([
            .init(.type, "t3.small"), .init(.zone, "us-east-1a"), .init(.securityGroup, "sg-1"),
            .init(.securityGroup, "sg-2"), .init(.volume, "/dev/xvda", "gp3", "3000", "125"),
            .init(.port, "tcp", "443-443", "10.0.0.0/8"), .init(.tag, "Cost Center", "a=b+c"),
        ])
        #expect(
            sidecar.description
                == "type=t3.small zone=us-east-1a group=sg-1 group=sg-2 volume=/dev/xvda=gp3=3000=125 "
                + "port=tcp=443-443=10.0.0.0/8 tag=Cost+20Center=a+3Db+2Bc")
        #expect(sidecar[.type] == "t3.small" && sidecar[.subnet] == nil)
        #expect(sidecar.all(.securityGroup) == [["sg-1"], ["sg-2"]])
        #expect(sidecar.all(.tag) == [["Cost Center", "a=b+c"]])
    }

    @Test(arguments: [
        ("a word that nobody knows", "type=t3.small colour=blue zone=a", ["type", "zone"]),
        ("nothing", "", []), ("spaces alone", "   ", []), ("a topic without a part", "type", ["type"]),
        ("an escape that is cut off", "tag=a+2", ["tag"]),
    ])
    func textOfOthersIsReadAsFarAsItGoes(name: String, text: String, topics: [String]) {
        #expect(Sidecar(text: text).facts.map(\.topic.rawValue) == topics, "\(name)")
    }

    /// Whatever the parts hold, they come back; each tag takes its text; and joined the texts are the line.
    @Test func nothingIsLostOnTheWay() {
        var source = SplitMix64(seed: 7_719)
        for _ in 0..<2000 {
            let facts = (0..<Int.random(in: 0..<30, using: &source)).map { _ in
                Sidecar.Fact(
                    Sidecar.Topic.allCases.filter { $0 != .more }.randomElement(using: &source) ?? .type,
                    parts: (0..<Int.random(in: 0..<5, using: &source)).map { _ in source.text(upTo: 40) })
            }
            let sidecar = Sidecar(facts)
            #expect(sidecar.facts == facts, "seed 7719: \(sidecar)")
            let texts = sidecar.tagTexts
            #expect(texts.count <= Sidecar.mostTags && texts.allSatisfy { (1...256).contains($0.utf8.count) })
            let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 +-=._:/@")
            #expect(texts.allSatisfy { $0.allSatisfy(allowed.contains) })
            let read = Sidecar(text: texts.joined(separator: " "))
            if read.isWhole {
                #expect(read.facts == facts, "seed 7719: \(sidecar)")
            } else {
                let kept = read.facts.filter { $0.topic != .more }
                #expect(kept.count < facts.count, "seed 7719: it says that there was more, and there was not")
                var rest = facts[...]
                let isInOrder = kept.allSatisfy { fact in
                    rest = rest.drop { $0 != fact }
                    return rest.popFirst() != nil
                }
                #expect(isInOrder, "seed 7719: \(sidecar)")
            }
        }
    }

    @Test func moreThanFitsIsSaid() {
        let first = Sidecar.Fact(.type, "t3.small")
        let long = Sidecar([first] + (0..<60).map { .init(.tag, "key-\($0)", String(repeating: "x", count: 30)) })
        #expect(long.tagTexts.count == 4 && long.tagTexts.first?.hasPrefix("type=t3.small ") == true)
        #expect(long.tagTexts.last?.hasSuffix(" more") == true)
        let oneWord = Sidecar([.init(.tag, "key", String(repeating: "x", count: 260))])
        #expect(oneWord.tagTexts == ["more"], "a word that no tag takes is left out, and that is said")
        #expect(Sidecar([first]).tagTexts == ["type=t3.small"])
        #expect(Sidecar([]).tagTexts == [])
    }
}

extension SplitMix64 {
    fileprivate mutating func text(upTo most: Int) -> String {
        let letters = Array("abz09 =+:/@.-_ü%✓\n")
        return String(
            (0..<Int.random(in: 0...most, using: &self)).map { _ in letters.randomElement(using: &self) ?? "a" })
    }
}
