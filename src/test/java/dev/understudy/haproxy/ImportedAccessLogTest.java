package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.report.Verdict;
import dev.understudy.testing.Rows;
import org.junit.jupiter.api.Test;

/** Options of HAProxy's log become the access log's form, which is a static setting. */
class ImportedAccessLogTest {
  private static final String SETTING = "understudy.access-log";

  @Rows(
      """
      option httplog     | haproxy | EXACT
      option tcplog      | haproxy | EXACT
      option httpslog    | haproxy | APPROXIMATED
      option httplog clf | plain   | APPROXIMATED
      """)
  void an_option_names_the_form_of_lines(String option, String form, Verdict verdict) {
    Imported imported = Imports.good(Imports.front(option));
    assertThat(imported.settings()).containsEntry(SETTING, form);
    assertThat(imported.report()).contains("--understudy.access-log=" + form);
    assertThat(Imports.verdict(imported, option).verdict()).isEqualTo(verdict);
  }

  @Test
  void an_option_of_the_defaults_counts_as_well() {
    Imported imported = Imports.good("defaults\n  option httplog\n" + Imports.front().substring(9));
    assertThat(imported.settings()).containsEntry(SETTING, "haproxy");
  }

  @Test
  void fields_of_a_log_format_need_lines_that_have_them() {
    Imported imported = Imports.good(Imports.front("option httplog", "log-format \"%ci %sslv\""));
    assertThat(imported.settings()).containsEntry(SETTING, "plain");
    assertThat(Imports.verdict(imported, "option httplog").verdict())
        .isEqualTo(Verdict.APPROXIMATED);
  }

  @Test
  void captured_header_fields_are_in_haproxys_lines_and_cookies_are_not() {
    String field = "capture request header Host len 40";
    String cookie = "capture cookie SESSION len 20";
    Imported imported = Imports.good(Imports.front("option httplog", field, cookie));
    assertThat(imported.settings()).containsEntry(SETTING, "haproxy");
    assertThat(Imports.verdict(imported, field).verdict()).isEqualTo(Verdict.EXACT);
    assertThat(Imports.verdict(imported, cookie).verdict()).isEqualTo(Verdict.APPROXIMATED);
  }

  @Test
  void an_option_that_is_turned_off_asks_for_no_log() {
    Imported imported =
        Imports.good(
            "defaults\n  option httplog\n" + Imports.front("no option httplog").substring(9));
    assertThat(imported.settings()).doesNotContainKey(SETTING);
  }
}
