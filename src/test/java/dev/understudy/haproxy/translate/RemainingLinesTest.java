package dev.understudy.haproxy.translate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.report.DirectiveTable;
import dev.understudy.haproxy.report.LineVerdict;
import dev.understudy.haproxy.report.Verdict;
import dev.understudy.haproxy.report.VerdictLedger;
import dev.understudy.haproxy.syntax.HaproxyFile;
import dev.understudy.haproxy.syntax.HaproxyParser;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Rows;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A rule that no translator took is not in force, whatever the table says of its kind. */
@Tag(Extent.SLOW)
class RemainingLinesTest {
  private static LineVerdict judged(String line) {
    HaproxyFile file = HaproxyParser.parse("frontend web\n  " + line + "\n", name -> null);
    VerdictLedger ledger = new VerdictLedger(file);
    RemainingLines.judge(ledger, file.sections().getFirst().statements().getFirst());
    return ledger.verdicts().getLast();
  }

  @Rows(
      """
      # a rule that denies is a guard
      http-request deny ; http-request deny if { src 10.0.0.1 } ; http-request auth ; http-request tarpit ; http-request reject | UNSUPPORTED!
      http-request silent-drop ; http-request return status 403 ; http-request send-spoe-group a b ; http-request lua.block | UNSUPPORTED!
      http-request sc-inc-gpc0(0) ; http-response deny ; http-response return status 500 ; http-after-response deny | UNSUPPORTED!
      tcp-request connection reject ; tcp-request session reject ; tcp-request content reject if { src 10.0.0.1 } | UNSUPPORTED!
      tcp-request content silent-drop ; tcp-request content close ; tcp-request content lua.block ; tcp-response content reject | UNSUPPORTED!
      # any other rule is lost
      http-request set-header A b ; http-request allow ; http-request redirect location /a ; http-response set-header A b | UNSUPPORTED
      redirect location /a ; tcp-request content accept ; tcp-request content track-sc0 src | UNSUPPORTED
      # other lines have the verdict of the table
      tcp-request inspect-delay 5s | EXACT
      http-request strict-mode on ; stick on src ; no option httpclose ; filter compression | NOT_NEEDED
      capture request header A len 9 | EXACT
      stats auth a:b | APPROXIMATED!
      option checkcache | UNSUPPORTED!
      nobody knows | UNSUPPORTED
      """)
  void what_remains_has_a_verdict(String lines, String verdict) {
    for (String line : lines.split(" ; ")) {
      LineVerdict judged = judged(line);
      assertThat(judged.verdict() + (judged.guard() ? "!" : "")).as(line).isEqualTo(verdict);
    }
  }

  @Test
  void no_row_of_an_action_is_marked_exact_where_a_line_remains() {
    List<LineVerdict> said =
        DirectiveTable.rows().stream()
            .filter(
                row ->
                    List.of("http-request", "http-response", "tcp-request", "tcp-response")
                        .contains(row.place()))
            .filter(row -> !row.keyword().contains(" ") && !row.keyword().contains("*"))
            .map(
                row ->
                    judged(
                        row.place()
                            + (row.place().startsWith("tcp-") ? " content " : " ")
                            + row.keyword()))
            .filter(
                each -> each.verdict() == Verdict.EXACT || each.verdict() == Verdict.APPROXIMATED)
            .toList();
    assertThat(said).isEmpty();
  }
}
