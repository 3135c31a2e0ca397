/// Writes the documentation's page about faults from the tables that the tests use.
enum FaultPage {
  static let path = "Sources/redress/Documentation.docc/Faults.md"

  static var text: String {
    """
    # Faults and what comes of them

    What is left when something breaks in the middle of a night, as the tests find it.

    ## Overview

    This page is made by the tests of `Tests/FaultTests` from the tables that they hold the program to. A night is \
    disturbed at every message between the program and its server, once just before the message is passed on and once just \
    after it. Afterwards the ledger holds nothing of the run or all of it; a file that is there is whole; and the night made \
    again, undisturbed, ends in the same ledger and, byte for byte, the same files as if nothing had happened. `make test` \
    takes a sample and everything around COMMIT, `make soak` takes all.

    ### The server and the way to it

    \(matrix)

    *Nothing* means: nothing in the ledger, no file, exit code 1 (137 for a program that is killed). *Everything* means: \
    all of the run in the ledger, every file, exit code 0 or 3. *Recorded* means: all of the run in the ledger; the program \
    was killed before it could say so, and perhaps before all files had their names. The next run into the same folder \
    makes them from the ledger, and says so. Two outcomes in one field: a race that either may win, and the program says which one did.

    A COMMIT whose answer is lost is never guessed about. The program asks the server, for five minutes if need be, until \
    the server says that the transaction is over and whether the run is there. It asks for the transaction by its number, so \
    a pooler in between makes no difference. If the server cannot be asked at all, exit code 69 says so; running again is \
    safe. The files stay in the folder, hidden: the next run into it makes them if the run is in the ledger, and removes them \
    if it is not.

    A server that does not learn of the end of a program goes on holding the run lock until its TCP keepalives notice, \
    within a minute. Until then a further run ends with exit code 75. Where it only has something else to do, a statement that \
    waits for a lock, it looks after the program each second (PostgreSQL 14 and later, on Linux).

    ### Folder and files

    \(files)

    Exit code 74 comes with the command that writes the files. What a killed program left behind are hidden files whose \
    names say of which ledger and run they are. The next run into the folder, once it holds the run lock, makes the files \
    of a run that is in the ledger, byte for byte as that run would have, and removes the hidden files of one that is not. \
    It leaves those alone that are another ledger's, another user's, or still being written. A folder that already has \
    files of the run that is about to begin, or of later ones, is refused with exit code 1: they are another ledger's, or \
    a restored database has lost their runs, and nothing may write over them.

    The files of a run are never written over, by whomever. A name that is taken when a run ends is exit code 74, unless the \
    content is the same: another database's run came first, or somebody put a file there. `redress report --run` leaves \
    such a file as well and ends with exit code 1. Files of months, pages and workbooks are replaced as a whole. \
    Those of dry and held runs have the digest of their content in their names, and what is there stays.

    Each program writes into hidden files of its own. Those that a killed report left are removed by the next program that \
    writes into the folder; whether somebody still writes a file is told by its lock.

    ### Others at the same time

    | What goes on | What comes of it |
    | --- | --- |
    | Several runs at once | One works; the others end at once with exit code 75 |
    | Sessions that call `place_on_invoice` and `release_invoice` for the same customers | They wait for the run, or the run for them (60 s at most) |
    | Several sessions on one invoice | The invoice is filled once, and each sees the same lines |
    | Edits of incidents and invoices | The run sees one moment; the next one reconciles the rest |
    | A serialization failure, a deadlock, a lock that is not available | The run begins again, three times at most; then exit code 1, nothing written. So do commands that only read, as long as nothing was printed |
    | `TRUNCATE`, `ALTER TABLE`, `VACUUM FULL` of a relation that is being read | They get their turn within seconds, and the command begins again |
    | A relation is emptied and filled again in one transaction | The command begins again; it never reads the relation as empty |
    | `redress migrate` | It waits for the run and for invoicing, 60 s at most; runs and invoicing wait for it or end with exit code 75 |
    | Any other error of the server | Exit code 1, nothing written |
    | Nights of two databases in one folder, with the same number | The first to end has its files; the other ends with exit code 74 |
    | Two reports of one run into one folder | Both end well, and every file is whole |
    | `redress verify --output` beside a night | It speaks of the runs that were committed when it began, and waits for files that are about to get their names |

    After each, the tests check the invariants: the entitlement is the sum of the revisions; what is placed is between zero \
    and the entitlement, or reported as overcredited; an invoice carries no more than its amount due, of one customer and \
    currency; the cap holds; the CSV files are what the ledger says, and the totals are those of the CSV.

    """
  }

  private static var matrix: String {
    var rows = [
      "| | " + Phase.allCases.map(\.title).joined(separator: " | ") + " |",
      "| --- |" + String(repeating: " --- |", count: Phase.allCases.count),
    ]
    for fault in Fault.allCases {
      let cells = Phase.allCases.map { phase in
        let outcomes = FaultMatrix.allowed(fault, phase).sorted()
        return outcomes.isEmpty ? "as above" : outcomes.map(\.word).joined(separator: " or ")
      }
      rows.append("| \(fault.title) | " + cells.joined(separator: " | ") + " |")
    }
    return rows.joined(separator: "\n")
  }

  private static var files: String {
    var rows = ["| What goes wrong | Exit code | Ledger |", "| --- | --- | --- |"]
    for fault in FileFault.all {
      rows.append(
        "| \(fault.title) | \(fault.code) | \(fault.isRecorded ? "recorded" : "nothing") |")
    }
    return rows.joined(separator: "\n")
  }
}

extension Outcome {
  var word: String {
    switch self {
    case .nothing: "nothing"
    case .everything: "everything"
    case .everythingUnsaid: "recorded"
    }
  }
}
