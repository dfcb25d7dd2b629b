package dev.understudy.conformance;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import dev.understudy.conformance.console.Chromium;
import dev.understudy.scenario.ProxyProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo's page and the console in Debian's Chromium, as a person uses them. */
class BrowserIT {
  /** Longer than the damping of a third failback. */
  private static final double PATIENCE_MILLIS = 90_000;

  private static final String TOKEN = "a-token-for-this-test";

  @TempDir private static Path folder;
  private static ProxyProcess proxy;
  private static Chromium chromium;

  private final List<String> errors = new ArrayList<>();
  private Page page;

  @BeforeAll
  static void start() throws Exception {
    proxy = ProxyProcess.startDemo(folder, "--understudy.admin.token=" + TOKEN);
    chromium = new Chromium();
  }

  @AfterAll
  static void stop() throws Exception {
    if (chromium != null) {
      chromium.close();
    }
    if (proxy != null) {
      proxy.close();
    }
  }

  @BeforeEach
  void open() {
    page = chromium.browser().newPage();
    page.setDefaultTimeout(Chromium.PATIENCE_MILLIS);
    page.onPageError(errors::add);
  }

  @AfterEach
  void close() {
    page.close();
  }

  @Test
  void person_sees_the_role_change_when_the_master_is_killed_frozen_and_restored() {
    page.navigate("http://127.0.0.1:" + proxy.port() + "/");
    Locator who = page.locator("#who");
    Locator log = page.locator("#log");
    expect(who, "master");
    expect(log, "master");
    master("Kill").click();
    expect(who, "backup");
    expect(log, "1012");
    master("Restore").click();
    expect(who, "master");
    master("Freeze").click();
    expect(who, "backup");
    master("Restore").click();
    // The second failback within ten minutes is damped.
    expect(page.locator("#wait-what"), "The master is UP again, but the backup goes on serving.");
    expect(page.locator("#left"), "s until the master serves");
    expect(page.locator("#why"), "damped");
    expect(who, "master");
    assertThat(page.locator("#wait")).isHidden();
    assertThat(page.locator("#lost")).hasText("0");
    assertThat(page.locator("#repeated")).hasText("0");
    assertThat(errors).isEmpty();
  }

  @Test
  void operator_switches_by_hand_in_the_console() {
    page.navigate("http://127.0.0.1:" + proxy.managementPort() + "/");
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("demo").setExact(true))
        .click();
    Locator events = page.locator("#events");
    button("Switch here: backup").click();
    page.locator("#reason").fill("a test by hand");
    page.locator("#token").fill(TOKEN);
    page.locator("#go").click();
    expect(events, "OPERATOR");
    expect(page.locator("#switches"), "backup");
    button("Back to auto").click();
    page.locator("#go").click();
    expect(events, "FAILBACK");
    assertThat(errors).isEmpty();
  }

  private Locator button(String name) {
    return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name));
  }

  private Locator master(String action) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(action + " the master"));
  }

  private static void expect(Locator where, String text) {
    assertThat(where)
        .containsText(
            text,
            new LocatorAssertions.ContainsTextOptions()
                .setIgnoreCase(true)
                .setTimeout(PATIENCE_MILLIS));
  }
}
