import CreditLedger
package import Documents
import ServiceCredits

extension ExplanationText {
  /// The explanation as a page that needs no other file.
  package var page: Page {
    let customer = explanation.customer
    var facts = [("Customer", customer.id)]
    if !customer.tier.isEmpty { facts.append(("Tier", customer.tier)) }
    facts.append(("Times of", customer.timeZone + (customer.hasOwnZone ? "" : " (the policy's)")))
    facts.append(("As of", words.clock.text(explanation.asOf.wholeSecond)))
    var sections: [PageSection] = []
    if !explanation.sourceWasRead {
      sections.append(
        PageSection(
          title: "The source", anchor: "source",
          content: [.notice(ExplanationText.sourceNotRead)]))
    }
    let findings = findings()
    if !findings.isEmpty {
      sections.append(
        PageSection(
          title: "Rows that need correction", anchor: "findings", content: [.list(findings)]))
    }
    if explanation.stories.isEmpty {
      sections.append(PageSection(title: "Nothing to tell", anchor: "empty", introduction: empty))
    }
    for (position, story) in explanation.stories.enumerated() {
      sections.append(section(story, number: position + 1))
    }
    return Page(
      title: customer.name.isEmpty ? customer.id : customer.name,
      subtitle: "What was and was not credited, and why", facts: facts, sections: sections)
  }

  private func section(_ story: IncidentExplanation, number: Int) -> PageSection {
    var content: [PageContent] = [.notice(words.answer(story)), .paragraph(basis(story))]
    if let doubt = doubt(story) { content.append(.notice(doubt)) }
    if let account = story.account, let chart = IncidentChart(account, words) {
      content.append(.chart(chart))
    }
    for block in words.blocks(story) { content += [.heading(block.heading), .list(block.lines)] }
    return PageSection(
      title: heading(story), anchor: "story-\(number)",
      introduction: "Subscription \(story.subscriptionId).", content: content)
  }
}
