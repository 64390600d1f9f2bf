import Kernel
import Testing

@Suite("CAS registry numbers")
struct CASNumberTests {
    @Test("Numbers of GBZ 2.1 hold", arguments: ["71-43-2", "7732-18-5", "50-00-0", "1330-20-7", "112926-00-8"])
    func good(text: String) throws { #expect(try CASNumber(text).text == text) }

    /// The first three are misprints of the hazard catalogue of 2015.
    @Test(
        "Wrong check digits and other forms are told apart",
        arguments: [
            ("7440-62-6", "cas.check"), ("79-40-9", "cas.check"), ("60-12-18", "cas.format"), ("71-43-3", "cas.check"), ("", "cas.format"),
            ("71432", "cas.format"), ("71-4-32", "cas.format"), ("071-43-2", "cas.format"), ("７１-43-2", "cas.format"),
            ("7a-43-2", "cas.format"),
            ("12345678-12-1", "cas.format"), ("1-43-2", "cas.format"), ("71-43-2 ", "cas.format"), ("71-43-", "cas.format"),
        ])
    func bad(text: String, code: String) {
        #expect(CASNumber.flaw(in: text)?.rawValue == code)
        #expect(throws: Refusal(code, ["value": text])) { try CASNumber(text) }
    }

    /// The sum weighs a digit by its place from the right: a place that shares no factor with ten hides no wrong digit.
    @Test("A single wrong digit is found at the places 1, 3, 7 and 9 and in the check digit", arguments: ["7782-50-5", "112926-00-8"])
    func digits(text: String) {
        let number = Array(text)
        for index in number.indices where number[index] != "-" {
            let weight = number[(index + 1)...].count { $0 != "-" }
            guard [0, 1, 3, 7, 9].contains(weight) else { continue }
            for digit in "0123456789" where digit != number[index] {
                var other = number
                other[index] = digit
                #expect(CASNumber.flaw(in: String(other)) != nil, "\(String(other))")
            }
        }
    }
}
