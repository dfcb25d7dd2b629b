package dev.understudy.conformance.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.WaitUntilState;
import dev.understudy.scenario.NamedServer;
import dev.understudy.scenario.ProxyProcess;
import dev.understudy.testing.Extent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The console of a real process with 200 pools: what its operator sees when something stops. */
class ConsoleProcessIT {
  private static final int POOLS = 200;
  private static final String TOKEN = "a-token-of-the-console";

  private static Chromium chromium;
  private NamedServer master;
  private NamedServer backup;
  private ProxyProcess proxy;
  private Page page;

  @BeforeAll
  static void launch() {
    chromium = new Chromium();
  }

  @AfterAll
  static void quit() {
    chromium.close();
  }

  @BeforeEach
  void start(@TempDir Path folder) throws IOException, InterruptedException {
    master = NamedServer.start("a");
    backup = NamedServer.start("b");
    Path file = Files.writeString(folder.resolve("gateway.yaml"), configuration());
    proxy =
        ProxyProcess.start(
            folder,
            file,
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "--understudy.admin.token=" + TOKEN);
    page = chromium.browser().newPage();
    page.setDefaultTimeout(Chromium.PATIENCE_MILLIS);
    page.navigate(
        "http://127.0.0.1:" + proxy.managementPort() + "/",
        new Page.NavigateOptions().setWaitUntil(WaitUntilState.COMMIT));
    assertThat(page.locator("#link")).hasText("live");
    assertThat(page.locator("#total-well")).containsText(Integer.toString(POOLS));
  }

  @AfterEach
  void stop() throws IOException, InterruptedException {
    page.close();
    proxy.signal("CONT");
    proxy.close();
    master.close();
    backup.close();
  }

  private String configuration() {
    StringBuilder yaml = new StringBuilder("pools:\n");
    for (int i = 0; i < POOLS; i++) {
      // One pool has the server that a test stops; the others show that nothing else is touched.
      NamedServer first = i == 0 ? master : backup;
      yaml.append("  pool-%03d:\n".formatted(i))
          .append("    servers:\n")
          .append("      a: { url: \"http://127.0.0.1:%d\" }\n".formatted(first.port()))
          .append("      b: { url: \"http://localhost:%d\", ".formatted(backup.port()))
          .append("role: backup }\n");
    }
    return yaml.append(
            "routes:\n  - { id: all, uri: \"pool://pool-000\", predicates: [\"Path=/**\"] }\n")
        .toString();
  }

  @Test
  @Tag(Extent.SLOW)
  void a_stopped_process_is_shown_as_old_data_with_its_age() throws Exception {
    proxy.signal("STOP");

    assertThat(page.locator("#link")).containsText("connected, but the process is silent");
    assertThat(page.locator("#link .data-age")).hasText(Pattern.compile("\\d+ s old:"));
    assertThat(page.locator("#stale")).containsText("no data since then");
    assertThat(page).hasTitle(Pattern.compile("\\(old\\) .*"));

    proxy.signal("CONT");
    assertThat(page.locator("#link")).hasText("live");
    assertThat(page.locator("#stale")).hasCount(0);
  }

  @Test
  void a_killed_server_is_the_first_row_with_its_cause_and_one_click_from_its_evidence() {
    master.close();

    Locator row = page.locator("#rows tr").first();
    assertThat(row).containsText("pool-000");
    assertThat(row.locator(".cause")).containsText("refused");
    assertThat(row.locator(".serving")).containsText("b");
    assertThat(page).hasTitle("! pool-000: server a DOWN – Understudy");
    row.locator("th a").click();
    assertThat(page.locator("#switches li").first()).containsText("a → b");
    assertThat(page.locator("#switches li").first()).containsText("refused");
    assertThat(page.locator("#events li").first()).containsText("a");
  }

  @Test
  void a_switch_is_planned_given_up_and_made_with_its_phases_in_view() {
    page.navigate(page.url() + "#/pools/pool-001");
    plan("2099-01-31T22:00");
    assertThat(page.locator("#dialog-error")).containsText("at: expected");
    page.locator("#at")
        .fill(LocalDateTime.now().plusHours(1).truncatedTo(ChronoUnit.MINUTES).toString());
    page.locator("#go").click();
    Locator planned = page.locator("#planned-switch");
    assertThat(planned).containsText("a → b");
    assertThat(planned).containsText("SCHEDULED");
    planned.locator("button").click();
    page.locator("#go").click();
    assertThat(planned).containsText("GIVEN_UP");

    plan("");
    assertThat(planned).containsText("MOVED");
    assertThat(page.locator("#switches li").first()).containsText("a → b");
  }

  @Test
  @Tag(Extent.SLOW)
  void the_maintenance_of_a_pool_is_begun_with_its_end_shown_and_ended() {
    page.navigate(page.url() + "#/pools/pool-002");
    LocalDateTime end = LocalDateTime.now().plusHours(2).truncatedTo(ChronoUnit.MINUTES);
    page.locator("#pool-state").click();
    assertThat(page.locator("#dialog-title")).hasText("Set all of pool pool-002 to maintenance?");
    assertThat(page.locator("#consequence")).containsText("Pool pool-002 serves no clients");
    page.locator("#until").fill(end.toString());
    page.locator("#allow").fill("10.0.0.0/33");
    page.locator("#reason").fill("a new disk");
    page.locator("#token").fill(TOKEN);
    page.locator("#go").click();
    assertThat(page.locator("#dialog-error")).containsText("allow: expected");
    page.locator("#allow").fill("10.0.0.0/8, 192.0.2.1");
    assertThat(page.locator("#until")).hasValue(end.toString());
    page.locator("#go").click();

    Locator maintenance = page.locator("#maintenance");
    assertThat(maintenance).containsText("10.0.0.0/8");
    assertThat(maintenance).containsText("192.0.2.1");
    // With its day, if that is not today.
    assertThat(maintenance)
        .containsText(Pattern.compile("until (%1$tb %1$te )?%1$tR".formatted(end)));
    assertThat(page.locator("#events li").first()).containsText("a new disk");

    maintenance.locator("button").click();
    assertThat(page.locator("#dialog-title")).hasText("End the maintenance of pool pool-002?");
    assertThat(page.locator("#until")).hasCount(0);
    page.locator("#reason").fill("it is in");
    page.locator("#go").click();
    assertThat(maintenance).hasCount(0);
    assertThat(page.locator("#pool-state")).hasText("Maintenance of the pool…");
    assertThat(page.locator("#events li").first()).containsText("it is in");
  }

  private void plan(String at) {
    page.getByLabel("Switch here: b").click();
    page.locator("#planned").check();
    assertThat(page.locator("#consequence")).containsText("All replicas hold new clients");
    page.locator("#pause").fill("5");
    page.locator("#at").fill(at);
    if (page.locator("#token").count() > 0) {
      page.locator("#token").fill(TOKEN);
    }
    page.locator("#go").click();
  }
}
