package dev.understudy.conformance.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.BoundingBox;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import com.microsoft.playwright.options.WaitUntilState;
import dev.understudy.conformance.console.MockReplica.Received;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The console in Debian's Chromium with 200 pools, as an operator uses it at night. No page may ask
 * another server for anything, break its own policy or write an error to the browser's log.
 */
class ConsoleIT {
  private static final int POOLS = 200;
  private static final String VIOLATIONS = "window.violations";

  private static Chromium chromium;
  private static MockReplica replica;

  private final List<String> errors = Collections.synchronizedList(new ArrayList<>());
  private final List<String> elsewhere = Collections.synchronizedList(new ArrayList<>());
  private BrowserContext context;
  private Page page;

  @BeforeAll
  static void launch() {
    chromium = new Chromium();
    replica = new MockReplica(POOLS);
  }

  @AfterAll
  static void quit() {
    chromium.close();
    replica.close();
  }

  @BeforeEach
  void start() {
    replica.reset();
    use(new Browser.NewContextOptions().setViewportSize(1400, 900));
  }

  private void use(Browser.NewContextOptions options) {
    if (context != null) {
      context.close();
    }
    context = chromium.browser().newContext(options);
    context.addInitScript(
        VIOLATIONS
            + " = []; addEventListener('securitypolicyviolation', event => "
            + VIOLATIONS
            + ".push(event.violatedDirective + ' ' + event.blockedURI));");
    page = context.newPage();
    page.setDefaultTimeout(Chromium.PATIENCE_MILLIS);
    page.onPageError(errors::add);
    page.onRequest(
        request -> {
          if (!request.url().startsWith(replica.url())) {
            elsewhere.add(request.url());
          }
        });
    page.onConsoleMessage(
        message -> {
          // A browser logs each response that is no success, and each connection that fails.
          if (message.type().equals("error") && !message.text().startsWith("Failed to load")) {
            errors.add(message.text());
          }
        });
  }

  @AfterEach
  void stop() {
    assertThat((List<?>) page.evaluate(VIOLATIONS)).isEmpty();
    context.close();
    assertThat(errors).isEmpty();
    assertThat(elsewhere).isEmpty();
  }

  private void open(String address) {
    go(address);
    assertThat(page.locator("#link")).containsText("live");
  }

  /** Waits for the first byte only: what a test expects of the page it waits for itself. */
  private void go(String address) {
    page.navigate(
        replica.url() + address, new Page.NavigateOptions().setWaitUntil(WaitUntilState.COMMIT));
  }

  private Locator rows() {
    return page.locator("#rows tr");
  }

  private Locator button(String name) {
    return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name));
  }

  private Locator choice(String name) {
    return page.getByRole(
        AriaRole.COMBOBOX, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  /** Holds the requests for addresses in which a pattern is found; returns those that came. */
  private List<Route> hold(String pattern) {
    // The page gives a request up after some seconds, and a busy machine takes as long.
    page.evaluate("void (AbortSignal.timeout = () => new AbortController().signal)");
    List<Route> held = Collections.synchronizedList(new ArrayList<>());
    page.route(Pattern.compile(pattern), held::add);
    return held;
  }

  /** Nothing more becomes due by time. */
  private void stopClock() {
    page.evaluate("const stopped = Date.now(); Date.now = () => stopped;");
  }

  private static void release(List<Route> held) {
    List.copyOf(held).forEach(Route::resume);
  }

  /** As a replica does that has no stream to spare. */
  private static void refuse(Route route) {
    route.fulfill(new Route.FulfillOptions().setStatus(503).setHeaders(Map.of("Retry-After", "1")));
  }

  private static void refuseWithToken(Route route) {
    if (route.request().headers().containsKey("authorization")) {
      refuse(route);
    } else {
      route.resume();
    }
  }

  private void dies(String pool, String... servers) {
    for (String server : servers) {
      replica.setStatus(pool, server, "DOWN", "connection refused");
    }
  }

  // ---------------------------------------------------------------- the table

  @Test
  void the_worst_pool_is_first_and_in_the_title() {
    dies("pool-120", "a", "b");
    dies("pool-050", "b");
    open("");

    assertThat(rows()).hasCount(POOLS);
    assertThat(rows().nth(0)).containsText("pool-120");
    assertThat(rows().nth(0))
        .containsText("nobody serves pool pool-120: server a DOWN: connection refused");
    assertThat(rows().nth(1)).containsText("pool-050");
    assertThat(page).hasTitle("✕ pool-120: nobody serves (+1) – Understudy");
    assertThat(page.locator("#total-nobody")).containsText("1");
    assertThat(page.locator("#total-degraded")).containsText("1");
    assertThat(page.locator("#total-well")).containsText("198");
  }

  @Test
  void a_pool_that_gets_worse_moves_up_and_the_page_says_so() {
    open("");
    assertThat(rows().nth(0)).containsText("pool-002");

    dies("shop", "a", "b");

    assertThat(rows().nth(0)).containsText("shop");
    assertThat(page.locator("#sorting")).containsText("Sorted again: shop changed");
    assertThat(page).hasTitle(Pattern.compile("✕ shop: nobody serves.*"));
  }

  @Test
  void rows_stay_under_the_pointer_until_they_are_sorted_again() {
    open("");
    rows().nth(3).hover();
    stopClock();
    String pointed = rows().nth(3).getAttribute("data-pool");

    dies("shop", "a", "b");

    assertThat(page.locator("#sorting")).containsText("shop changed; rows stay");
    assertThat(rows().nth(3)).hasAttribute("data-pool", pointed);
    page.keyboard().press("r");
    assertThat(rows().nth(0)).containsText("shop");
  }

  @Test
  void columns_sort_by_click_and_by_key() {
    open("");
    Locator name = page.locator("th:has([data-focus='sort:name'])");
    name.getByRole(AriaRole.BUTTON).click();
    assertThat(name).hasAttribute("aria-sort", "ascending");
    assertThat(rows().nth(0)).hasAttribute("data-pool", "pool-002");

    name.getByRole(AriaRole.BUTTON).focus();
    page.keyboard().press("Enter");
    assertThat(name).hasAttribute("aria-sort", "descending");
    assertThat(rows().nth(0)).hasAttribute("data-pool", "shop");
    assertThat(page).hasURL(replica.url() + "#/pools?sort=-name");

    page.keyboard().press(" ");
    assertThat(name).hasAttribute("aria-sort", "none");
    assertThat(rows().nth(0)).hasAttribute("data-pool", "pool-002");
  }

  @Test
  void groups_of_well_pools_are_closed_until_they_are_opened() {
    open("#/pools?group=name");
    Locator group = page.locator("tr.group[data-group^=pool]");
    assertThat(group).containsText((POOLS - 2) + " well");
    assertThat(page.locator("tr[data-pool=pool-002]")).hasCount(0);

    group.getByRole(AriaRole.BUTTON).press("Enter");
    assertThat(group.getByRole(AriaRole.BUTTON)).hasAttribute("aria-expanded", "true");
    assertThat(page.locator("tr[data-pool=pool-002]")).hasCount(1);
    group.getByRole(AriaRole.BUTTON).click();
    assertThat(page.locator("tr[data-pool=pool-002]")).hasCount(0);

    dies("shop", "a", "b");
    assertThat(page.locator("tr[data-pool=shop]")).hasCount(1);
  }

  @Test
  void a_mass_failure_is_one_banner_and_a_row_for_each_cause() {
    open("");
    assertThat(rows()).hasCount(POOLS);

    replica.failTogether("10.0.0.1", "10.0.0.2");

    Locator alarm = page.locator("#alarms");
    assertThat(alarm).containsText("400 of 400 servers failed together.");
    assertThat(alarm).containsText("This replica: loop lag 12 ms, CPU 34 %");
    assertThat(alarm).containsText("connection refused (400 servers of 200 pools)");
    assertThat(alarm).containsText("10.0.0.2 (200 servers of 200 pools)");
    assertThat(rows()).hasCount(1);
    assertThat(rows().nth(0)).containsText("connection refused");
    assertThat(rows().nth(0)).containsText(POOLS + " nobody");
    assertThat(page).hasTitle(Pattern.compile("✕ pool-002: nobody serves \\(\\+199\\).*"));

    alarm.getByText("Hosts with most").click();
    assertThat(page).hasURL(replica.url() + "#/pools?group=host");
    choice("Group").selectOption("none");
    assertThat(rows()).hasCount(POOLS);
  }

  @Test
  void rows_under_the_pointer_stay_in_a_mass_failure() {
    open("");
    rows().nth(3).hover();
    stopClock();

    replica.failTogether("10.0.0.1", "10.0.0.2");

    assertThat(page.locator("#alarms")).containsText("servers failed");
    assertThat(rows()).hasCount(POOLS);
    page.mouse().move(0, 0);
    assertThat(rows()).hasCount(1);
  }

  @Test
  void an_address_of_no_pool_is_offered_the_nearest_name() {
    open("#/pools/pool-0o2");

    page.locator("#nearest").click();

    assertThat(page.locator("#pool-title")).hasText("pool-002");
  }

  @Test
  void a_mistyped_search_is_offered_the_nearest_name() {
    open("#/pools?q=pool-0o2");

    page.locator("#nearest").click();

    assertThat(rows()).hasCount(1);
    assertThat(rows().nth(0)).hasAttribute("data-pool", "pool-002");
  }

  @Test
  void the_last_minutes_are_drawn_for_all_pools_each_pool_and_each_row() {
    open("");
    assertThat(page.locator(".whole .chart-line")).hasCount(3);
    assertThat(page.locator("tr[data-pool=shop] .spark path"))
        .hasAttribute("d", Pattern.compile("M.*H90"));
    assertThat(page.locator("tr[data-pool=shop] .p99")).hasText(Pattern.compile("\\d+ ms"));

    page.locator("tr[data-pool=shop] th a").click();

    assertThat(page.locator(".pool .chart-line")).hasCount(3);
    assertThat(page.locator(".pool .served rect").first()).isAttached();
    assertThat(page.locator(".pool .chart-line").nth(1))
        .hasAttribute("aria-label", Pattern.compile("p99 in the last 15 minutes: now 13 ms.*"));
  }

  @Test
  void on_a_phone_the_worst_pool_is_in_the_upper_half_and_nothing_is_wider_than_the_page() {
    use(new Browser.NewContextOptions().setViewportSize(390, 844));
    open("");
    assertThat(rows()).hasCount(POOLS);
    assertThat(page.locator(".whole")).isAttached();

    assertThat(rows().nth(0).boundingBox().y).isLessThan(844 / 2.0);
    for (String address : List.of("", "#/pools/shop")) {
      open(address);
      assertThat(page.locator(".chart-line").first()).isAttached();
      assertThat(page.evaluate("document.documentElement.scrollWidth")).isEqualTo(390);
    }
  }

  @Test
  void search_and_filters_narrow_the_rows_and_stand_in_the_address() {
    dies("shop", "b");
    open("");
    assertThat(rows()).hasCount(POOLS);
    page.keyboard().press("/");
    page.keyboard().type("refused");

    assertThat(rows()).hasCount(1);
    assertThat(page).hasURL(replica.url() + "#/pools?q=refused");
    page.locator(".search").fill("");
    choice("Host").selectOption("app03.example");
    assertThat(rows()).hasCount(POOLS / 10);
    page.getByLabel("Condition").selectOption("nobody");
    assertThat(page.locator("#empty")).containsText("No pool passes the filters");
  }

  @Test
  void an_address_brings_the_filters_back() {
    dies("shop", "b");
    open("#/pools?condition=degraded");

    assertThat(rows()).hasCount(1);
    assertThat(page.getByLabel("Condition")).hasValue("degraded");
  }

  @Test
  void switches_are_announced_to_the_screen_reader_up_to_a_limit() {
    open("");
    assertThat(rows()).hasCount(POOLS);

    dies("shop", "a");

    assertThat(page.locator("#announce"))
        .containsText(
            "Pool shop: server b serves instead of server a, no connection could be made.");
    assertThat(page.locator("[aria-live]")).hasCount(1);
  }

  // ---------------------------------------------------------------- one pool

  @Test
  void a_pool_has_an_address_with_every_number_and_who_served() {
    replica.served("shop", "b", 40, "HEALTH_CHECK_FAILED");
    replica.served("shop", "a", 25, "FAILBACK");
    replica.served("shop", null, 15, "NO_SERVER");
    replica.served("shop", "a", 12, "RECOVERED");
    open("#/pools/shop");

    assertThat(page.locator("#pool-title")).hasText("shop");
    assertThat(page.locator("#timeline rect")).hasCount(5);
    assertThat(page.locator("#switches li")).hasCount(4);
    assertThat(page.locator("#switches li").nth(0))
        .containsText("nobody → a for 12 min: a server became usable again (status 503)");
    assertThat(page.locator("#switches li").nth(3)).containsText("a → b for 15 min");
    for (String number :
        List.of(
            "Requests/s",
            "Responses/s",
            "p50 · p99",
            "In · out",
            "In flight",
            "Queued",
            "Retries",
            "Tunnels",
            "Sessions",
            "Checks failed",
            "Downtime",
            "Last check",
            "Last 15 min")) {
      assertThat(page.getByRole(AriaRole.ROWHEADER, new Page.GetByRoleOptions().setName(number)))
          .hasCount(1);
    }
    assertThat(page.locator(".servers")).containsText("1.2 ms · 19 ms");
  }

  @Test
  void a_switch_appears_in_the_open_timeline() {
    open("#/pools/shop");
    assertThat(page.locator("#timeline rect")).hasCount(1);

    dies("shop", "a");

    assertThat(page.locator("#timeline rect")).hasCount(2);
    assertThat(page.locator("#switches")).containsText("a → b");
    assertThat(page.locator("#cause")).containsText("a DOWN: connection refused");
  }

  // ---------------------------------------------------------------- old data

  @Test
  void a_frozen_process_is_shown_as_old_data_with_its_age() {
    open("");
    replica.freeze();

    assertThat(page.locator("#link")).not().containsText("live");
    assertThat(page.locator("#link .data-age")).hasText(Pattern.compile("\\d+ s old:"));
    assertThat(page.locator("#stale")).containsText("Old data of");
    assertThat(page.locator("main")).hasClass("old");
    assertThat(page).hasTitle(Pattern.compile("\\(old\\) .*"));
    replica.thaw();
    assertThat(page.locator("#link")).hasText("live");
    assertThat(page.locator("main")).not().hasClass("old");
    assertThat(page).hasTitle("Understudy");
  }

  @Test
  void a_lost_network_is_shown_and_the_page_comes_back_by_itself() {
    open("");
    replica.loseNetwork();

    assertThat(page.locator("#link"))
        .containsText(Pattern.compile("s old:.*no response; next try in"));
    replica.restoreNetwork();
    assertThat(page.locator("#link")).hasText("live");
  }

  // ---------------------------------------------------------------- commands

  @Test
  void a_replica_without_a_token_says_so_on_every_page_before_anybody_needs_one() {
    replica.turnWritesOff(true);
    open("#/events");

    assertThat(page.locator("#read-only")).hasText("read only");
    replica.turnWritesOff(false);
    assertThat(page.locator("#read-only")).hasCount(0);
  }

  @Test
  void a_command_says_its_consequence_and_sends_the_reason() {
    open("#/pools/shop");
    button("Maintenance: a").click();
    assertThat(page.locator("#consequence"))
        .containsText("It serves pool shop now: server b takes over.");
    page.locator("#reason").fill("disk full, ticket 4711");
    page.locator("#token").fill(MockReplica.OPERATE);
    page.locator("#go").click();

    assertThat(page.locator(".toast")).containsText("server a of pool shop: done.");
    Received command = replica.received().get(0);
    assertThat(command.method()).isEqualTo("PUT");
    assertThat(command.path()).isEqualTo("/api/pools/shop/servers/a/state");
    assertThat(command.token()).isEqualTo(MockReplica.OPERATE);
    assertThat(command.body().toString())
        .isEqualTo("{\"state\":\"maintenance\",\"reason\":\"disk full, ticket 4711\"}");
    assertThat(page.locator(".session")).containsText("alice (operate)");
    assertThat(page.locator("#events")).containsText("by alice: disk full, ticket 4711");
  }

  @Test
  void a_command_is_forced_only_after_the_replica_refused_it() {
    dies("shop", "b");
    open("#/pools/shop");
    button("Drain: a").click();
    assertThat(page.locator("#consequence")).containsText("nobody will serve");
    page.locator("#token").fill(MockReplica.OPERATE);
    page.locator("#go").click();
    assertThat(page.locator("#dialog-error")).containsText("server a is the only usable server");
    page.locator("#force").click();

    assertThat(page.locator(".toast")).containsText("done");
    assertThat(replica.received().stream().map(command -> command.body().toString()))
        .containsExactly("{\"state\":\"drain\"}", "{\"state\":\"drain\",\"force\":true}");
  }

  @Test
  void a_wrong_token_is_an_error_in_the_dialog_and_sends_no_command() {
    open("#/pools/shop");
    button("Switch here: b").click();
    page.locator("#token").fill("wrong");
    page.locator("#go").click();

    assertThat(page.locator("#dialog-error")).hasText("The token is wrong.");
    assertThat(replica.received()).isEmpty();
  }

  @Test
  void a_token_that_may_only_look_is_offered_no_command() {
    open("");
    button("Enter token").click();
    page.locator("#token").fill(MockReplica.VIEW);
    page.locator("#go").click();
    assertThat(page.locator(".session")).containsText("grafana (view)");
    go("#/pools/shop");

    assertThat(button("Drain: a")).isDisabled();
    assertThat(button("Drain: a"))
        .hasAttribute("title", "The token grafana may read, but not change anything.");
  }

  @Test
  void a_command_on_many_acts_on_what_was_chosen_whatever_happens_meanwhile() {
    open("");
    assertThat(rows()).hasCount(POOLS);
    page.getByLabel("Select shop").check();
    page.getByLabel("Select sense").check();
    page.getByLabel("Select pool-002").check();
    page.getByLabel("Select pool-003").check();
    button("Act on servers…").click();
    page.locator("#which").selectOption("serving");
    assertThat(page.locator("#targets li")).hasCount(4);

    dies("shop", "a");
    replica.remove("pool-002");
    replica.move("pool-003", "a", "http://elsewhere.example:8080");
    assertThat(page.locator("#targets .gone")).hasCount(2);
    assertThat(page.locator("#targets li").nth(0))
        .hasText(Pattern.compile("server a of pool shop"));
    page.locator("#token").fill(MockReplica.OPERATE);
    page.locator("#go").click();

    assertThat(page.locator("#targets .badge.good")).hasCount(2);
    assertThat(replica.received().stream().map(Received::path))
        .containsExactlyInAnyOrder(
            "/api/pools/shop/servers/a/state", "/api/pools/sense/servers/a/state");
  }

  @Test
  void a_switch_to_a_server_that_goes_meanwhile_does_not_become_one_to_auto() {
    open("#/pools/shop");
    button("Switch here: b").click();
    assertThat(page.locator("#dialog-title")).hasText("Let server b serve pool shop?");

    replica.move("shop", "b", "http://elsewhere.example:8080");

    assertThat(page.locator("#consequence")).containsText("no command is sent");
    assertThat(page.locator("#go")).isDisabled();
    assertThat(page.locator("#dialog-title")).hasText("Let server b serve pool shop?");
  }

  @Test
  void all_servers_of_a_host_are_drained_with_one_reason_and_a_result_each() {
    dies("pool-003", "b");
    open("#/pools?host=app03.example");
    button("All 20 servers on app03.example…").click();
    assertThat(page.locator("#targets li")).hasCount(20);
    page.locator("#reason").fill("kernel update");
    page.locator("#token").fill(MockReplica.OPERATE);
    page.locator("#go").click();

    assertThat(page.locator("#targets .badge.good")).hasCount(19);
    assertThat(page.locator("#targets .badge.bad")).hasCount(1);
    assertThat(page.locator("#dialog-error")).containsText("1 of 20 failed");
    assertThat(replica.received()).hasSize(20);
    assertThat(replica.received())
        .allSatisfy(
            command ->
                assertThat(command.body().path("reason").asString()).isEqualTo("kernel update"));
    page.locator("#force").click();
    assertThat(page.locator("#targets .badge.good")).hasCount(20);
    assertThat(replica.received().get(20).path()).isEqualTo("/api/pools/pool-003/servers/a/state");
    assertThat(replica.received().get(20).body().path("force").asBoolean()).isTrue();
  }

  @Test
  void selected_pools_get_one_command_for_a_choice_of_their_servers() {
    open("");
    page.getByLabel("Select shop").check();
    page.getByLabel("Select sense").check();
    button("Act on servers…").click();
    page.locator("#which").selectOption("backup");
    page.locator("#state").selectOption("maintenance");
    page.locator("#token").fill(MockReplica.OPERATE);
    page.locator("#go").click();

    assertThat(page.locator("#targets .badge.good")).hasCount(2);
    assertThat(replica.received().stream().map(Received::path))
        .containsExactlyInAnyOrder(
            "/api/pools/shop/servers/b/state", "/api/pools/sense/servers/b/state");
  }

  @Test
  void reads_that_need_a_token_show_nothing_without_one() {
    replica.requireTokenForReads(true);
    go("");
    assertThat(page.locator("#link")).containsText("a token is needed");
    assertThat(rows()).hasCount(0);
    button("Enter token").first().click();
    page.locator("#token").fill(MockReplica.VIEW);
    page.locator("#go").click();

    assertThat(rows()).hasCount(POOLS);
    assertThat(page.locator("#link")).hasText("live");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void the_token_of_a_link_is_taken_and_leaves_the_address(boolean openAlready) {
    replica.requireTokenForReads(true);
    if (openAlready) {
      go("");
      assertThat(page.locator("#link")).containsText("a token is needed");
    }
    String link = replica.url() + "#token=" + MockReplica.OPERATE;
    page.navigate(link, new Page.NavigateOptions().setWaitUntil(WaitUntilState.COMMIT));

    assertThat(page.locator(".session")).containsText("alice (operate)");
    assertThat(rows()).hasCount(POOLS);
    assertThat(page).hasURL(replica.url() + "#/pools");
    assertThat(page.evaluate("document.body.innerHTML").toString())
        .doesNotContain(MockReplica.OPERATE);
    page.goBack();
    assertThat(page.url()).doesNotContain(MockReplica.OPERATE);
  }

  @Test
  void a_token_that_is_taken_back_is_forgotten_and_asked_for_and_not_sent_again() {
    replica.requireTokenForReads(true);
    go("#token=" + MockReplica.OPERATE);
    assertThat(page.locator("#link")).hasText("live");
    page.keyboard().press("2");
    assertThat(page.locator("#events-state")).hasText("new events appear here");

    replica.takeTokensBack();

    assertThat(page.locator("#wrong")).containsText("wrong or was revoked");
    assertThat(page.locator("#stale")).containsText("a token is needed");
    assertThat(page.evaluate("sessionStorage.length")).isEqualTo(0);
    int asked = replica.asked().size();
    // Several of the page's ticks, at which it would ask again.
    assertThat(page.locator("#stale")).containsText("4 s old");
    assertThat(replica.asked()).hasSize(asked);
    replica.reset();
    page.locator("#stale button").click();
    page.locator("#token").fill(MockReplica.VIEW);
    page.locator("#go").click();
    assertThat(page.locator("#link")).hasText("live");
    assertThat(page.locator("#wrong")).hasCount(0);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_token_is_kept_while_the_replica_cannot_read_its_tokens(boolean forReads) {
    replica.requireTokenForReads(forReads);
    go("#token=" + MockReplica.OPERATE);
    assertThat(page.locator(".session")).containsText("alice (operate)");
    replica.tokensUnreadable(true);
    page.reload();
    Await.until("the page asks", () -> replica.asked().contains("/api/whoami"));
    assertThat(page.locator("#link")).containsText(forReads ? "cannot be read" : "live");

    replica.tokensUnreadable(false);

    assertThat(page.locator(".session")).containsText("alice (operate)");
    assertThat(page.locator("#link")).hasText("live");
  }

  @Test
  void tokens_that_cannot_be_read_are_shown_before_a_command_needs_one() {
    replica.tokensUnreadable(true);
    open("#/pools");
    assertThat(page.locator("#read-only")).hasText("read only");
    assertThat(page.locator("#writes-off")).containsText("Changes are off");

    replica.tokensUnreadable(false);
    page.reload();
    assertThat(page.locator("#link")).hasText("live");
    assertThat(page.locator("#read-only")).hasCount(0);
    assertThat(page.locator("#writes-off")).hasCount(0);
  }

  @Test
  void a_command_is_sent_once_however_often_it_is_asked_for() {
    open("#/pools?host=app03.example");
    List<Route> asked = hold("/api/whoami$");
    button("All 20 servers on app03.example…").click();
    page.locator("#token").fill(MockReplica.OPERATE);
    page.locator("#go").dblclick();
    page.locator("#token").press("Enter");
    page.waitForCondition(() -> !asked.isEmpty());
    release(asked);

    assertThat(page.locator("#targets .badge.good")).hasCount(20);
    assertThat(asked).hasSize(1);
    assertThat(replica.received()).hasSize(20);
  }

  @Test
  void a_dialog_that_is_canceled_during_the_check_of_its_token_sends_nothing_and_closes_no_other() {
    open("#/pools/shop");
    List<Route> asked = hold("/api/whoami$");
    button("Drain: a").click();
    page.locator("#token").fill(MockReplica.OPERATE);
    page.locator("#go").click();
    page.waitForCondition(() -> !asked.isEmpty());
    button("Cancel").click();
    button("Drain: b").click();
    release(asked);

    assertThat(page.locator(".session")).containsText("alice (operate)");
    assertThat(page.locator("#dialog-title")).hasText("Set server b of pool shop to drain?");
    assertThat(page.locator("#go")).isEnabled();
    assertThat(replica.received()).isEmpty();
  }

  @Test
  void stop_ends_a_command_on_many_and_says_how_many_were_not_sent() {
    open("#/pools?host=app03.example");
    List<Route> sent = hold("/state$");
    button("All 20 servers on app03.example…").click();
    page.locator("#token").fill(MockReplica.OPERATE);
    page.locator("#go").click();
    page.waitForCondition(() -> sent.size() == 4);
    button("Stop").click();
    assertThat(button("Close")).isVisible();
    release(sent);

    assertThat(page.locator("#dialog-error")).hasText("Stopped: 16 of 20 not sent.");
    assertThat(page.locator("#targets .badge.good")).hasCount(4);
    assertThat(replica.received()).hasSize(4);
  }

  @Test
  void closing_the_dialog_stops_a_command_on_many_and_shows_its_result() {
    open("#/pools?host=app03.example");
    List<Route> sent = hold("/state$");
    button("All 20 servers on app03.example…").click();
    page.locator("#token").fill(MockReplica.OPERATE);
    page.locator("#go").click();
    page.waitForCondition(() -> sent.size() == 4);
    button("Stop").click();
    button("Close").click();
    assertThat(page.locator("dialog")).isHidden();
    sent.remove(0).abort();
    release(sent);

    assertThat(page.locator(".toast"))
        .hasText("All servers on app03.example: 3 done, 0 failed, 1 not known, 16 not sent.");
    assertThat(replica.received()).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_command_whose_dialog_is_closed_tells_its_result(boolean tokenKnown) {
    open("#/pools/shop");
    List<Route> sent = hold("/state$");
    button("Drain: b").click();
    page.locator("#token").fill(MockReplica.OPERATE);
    page.locator("#go").click();
    page.waitForCondition(() -> !sent.isEmpty());
    button("Close").click();
    assertThat(page.locator("dialog")).isHidden();
    if (!tokenKnown) {
      replica.takeTokensBack();
    }
    release(sent);

    assertThat(page.locator(".toast"))
        .hasText(
            tokenKnown
                ? "server b of pool shop: done."
                : "server b of pool shop: The token is wrong.");
    assertThat(page.locator("#wrong")).hasCount(tokenKnown ? 0 : 1);
    assertThat(page.evaluate("sessionStorage.length")).isEqualTo(tokenKnown ? 1 : 0);
  }

  // ---------------------------------------------------------------- what comes too late

  @Test
  void a_poll_with_a_forgotten_token_changes_nothing() {
    replica.requireTokenForReads(true);
    page.route("**/api/overview/stream", ConsoleIT::refuseWithToken);
    go("#token=" + MockReplica.OPERATE);
    assertThat(page.locator("#link")).containsText("not live");
    List<Route> polls = hold("/api/overview$");
    page.waitForCondition(() -> !polls.isEmpty());
    button("Forget token").click();
    assertThat(page.locator("#link")).containsText("a token is needed");
    // The page would lock again with its next request.
    page.evaluate(
        "window.links = []; new MutationObserver(() => links.push(document.getElementById('link')"
            + ".textContent)).observe(document.body,"
            + " { subtree: true, childList: true, characterData: true })");

    release(polls);

    page.waitForCondition(() -> (Integer) page.evaluate("links.length") > 3);
    assertThat((List<?>) page.evaluate("links"))
        .allSatisfy(text -> assertThat(text.toString()).contains("a token is needed"));
  }

  @Test
  void a_poll_that_fails_late_does_not_take_back_an_open_stream() {
    String stream = "**/api/overview/stream";
    page.route(stream, ConsoleIT::refuse);
    List<Route> polls = hold("/api/overview$");
    go("");
    page.waitForCondition(() -> !polls.isEmpty());
    page.unroute(stream);
    page.evaluate("dispatchEvent(new Event('online'))");
    assertThat(page.locator("#link")).hasText("live");

    polls.forEach(Route::abort);
    dies("shop", "a", "b");

    assertThat(rows().nth(0)).containsText("shop");
    assertThat(page.locator("#link")).hasText("live");
  }

  @Test
  void routes_that_were_left_while_their_rates_were_read_are_read_again() {
    open("#/routes");
    assertThat(page.locator("main")).containsText("13");
    List<Route> rates = hold("/api/routes[?]part=rates$");
    page.waitForCondition(() -> !rates.isEmpty());
    stopClock();
    page.keyboard().press("4");
    assertThat(page.locator("main")).containsText("REFUSED");
    page.keyboard().press("3");
    assertThat(page.locator("main")).containsText("Reading…");

    release(rates);

    assertThat(page.locator("main")).containsText("13");
  }

  @Test
  void the_page_of_events_promises_none_without_a_token() {
    replica.requireTokenForReads(true);
    go("#token=" + MockReplica.OPERATE);
    assertThat(page.locator("#link")).hasText("live");
    page.keyboard().press("2");
    assertThat(page.locator("#events-state")).hasText("new events appear here");
    List<Route> reads = hold("/api/events[?]limit");
    button("Forget token").click();
    assertThat(page.locator("#stale")).containsText("a token is needed");
    assertThat(page.locator("#events-state")).hasText("no new events");

    release(reads);

    assertThat(page.locator("#stale")).containsText("4 s old");
    assertThat(page.locator("#events-state")).hasText("no new events");
    assertThat(replica.eventStreams()).isEqualTo(0);
  }

  @Test
  void the_page_of_events_promises_none_before_its_stream_is_open_again() {
    open("#/events");
    assertThat(page.locator("#events-state")).hasText("new events appear here");
    List<Route> reads = hold("/api/events[?]limit");
    page.keyboard().press("1");
    assertThat(rows()).hasCount(POOLS);
    page.keyboard().press("2");
    page.waitForCondition(() -> !reads.isEmpty());
    assertThat(page.locator("#events-state")).hasText("connecting…");

    release(reads);

    assertThat(page.locator("#events-state")).hasText("new events appear here");
  }

  @Test
  void the_page_of_events_promises_none_until_another_history_is_read() {
    dies("sense", "b");
    open("#/events");
    assertThat(page.locator("#events-state")).hasText("new events appear here");
    List<Route> reads = hold("/api/events[?]limit");

    replica.startAgain(false);
    dies("pool-007", "b");

    page.waitForCondition(() -> !reads.isEmpty());
    assertThat(page.locator("#events-state")).hasText("connecting…");
    release(reads);
    assertThat(page.locator("#events-state")).hasText("new events appear here");
  }

  // ---------------------------------------------------------------- the keyboard

  @Test
  void the_keyboard_does_all() {
    dies("shop", "a", "b");
    open("");
    assertThat(rows().nth(0)).containsText("shop");
    page.keyboard().press("j");
    page.keyboard().press("j");
    page.keyboard().press("k");
    page.keyboard().press("x");
    assertThat(page.getByLabel("Select shop")).isChecked();
    page.keyboard().press("Enter");
    assertThat(page.locator("#pool-title")).hasText("shop");
    page.keyboard().press("n");
    assertThat(page.locator("#pool-title")).hasText("pool-002");
    page.keyboard().press("p");
    assertThat(page.locator("#pool-title")).hasText("shop");
    page.keyboard().press("Escape");
    assertThat(page.locator("[data-focus='pool:shop']")).isFocused();
    page.keyboard().press("?");
    assertThat(page.locator("dialog")).containsText("next and previous pool");
    page.keyboard().press("Escape");
    assertThat(page.locator("dialog")).isHidden();
    page.keyboard().press("2");
    assertThat(page).hasURL(replica.url() + "#/events");
  }

  @Test
  void arrows_scroll_the_page_until_a_row_has_the_focus() {
    open("");
    assertThat(rows()).hasCount(POOLS);
    // Playwright's waitForFunction evaluates text in the page again and again, which the console's
    // policy forbids. A key that comes before the rows are laid out scrolls nothing.
    page.waitForCondition(
        () -> {
          page.keyboard().press("ArrowDown");
          return (Boolean) page.evaluate("scrollY > 0");
        });
    assertThat(page.locator("#rows a:focus")).hasCount(0);

    page.keyboard().press("j");
    page.keyboard().press("ArrowDown");
    assertThat(rows().nth(1).locator("th a")).isFocused();
  }

  // ---------------------------------------------------------------- the other pages

  @Test
  void events_appear_as_they_happen_and_are_filtered() {
    dies("sense", "b");
    open("#/events");
    assertThat(page.locator("#events li")).hasCount(1);
    assertThat(page.locator("#events-state")).hasText("new events appear here");

    dies("shop", "a");

    assertThat(page.locator("#events li").nth(0)).containsText("shop: a -> b");
    page.getByLabel("Kind").selectOption("switch");
    assertThat(page.locator("#events li")).hasCount(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "routes|predicate Header is not compiled",
        "replicas|REFUSED 3 bad in a row: 1 server (shop/b)",
        "replicas|SILENT no response within 1 s: 200 servers (pool-0/a",
        "certificates|in 9 days",
        "configuration|1 never retries",
        "process|event streams"
      })
  void a_page_shows_what_the_replica_says(String row) {
    String[] pageAndText = row.split("\\|");
    open("#/" + pageAndText[0]);

    assertThat(page.locator("main")).containsText(pageAndText[1]);
  }

  @Test
  void the_file_is_shown_to_who_may_operate() {
    open("#/configuration");
    assertThat(page.locator("main")).containsText("a token of role operate");

    page.navigate(replica.url() + "#token=" + MockReplica.OPERATE);
    assertThat(page.locator(".session")).containsText("alice (operate)");
    page.keyboard().press("6");

    assertThat(page.locator("#file")).containsText("url: http://app00.example:8080");
  }

  @Test
  void a_page_of_a_pool_has_the_checks_of_its_servers_and_what_colours_mean() {
    open("#/pools/shop");

    assertThat(page.locator(".servers")).containsText("GET /status");
    assertThat(page.locator(".servers")).containsText("good: status 200-399");
    assertThat(page.locator(".servers")).containsText("every 2 s, time-out 1 s");
    assertThat(page.locator(".legend")).containsText("a backup serves");
  }

  @Test
  void times_are_in_utc_whatever_the_zone_of_the_browser() {
    use(new Browser.NewContextOptions().setTimezoneId("Asia/Kathmandu"));
    dies("shop", "b");
    open("#/events");

    String at = page.locator("#events time").first().getAttribute("datetime");
    assertThat(page.locator("#events time").first()).hasText(at.substring(11, 19) + " UTC");
  }

  @ParameterizedTest
  @ValueSource(ints = {1440, 1024, 390})
  void fields_of_a_dialog_stand_beside_their_words_and_units(int width) {
    use(new Browser.NewContextOptions().setViewportSize(width, 860));
    open("#/pools/shop");
    button("Switch here: b").click();
    page.locator("#planned").check();

    for (String box : List.of("#planned", "#cut")) {
      BoundingBox at = page.locator(box).boundingBox();
      BoundingBox label = page.locator("label:has(" + box + ")").boundingBox();
      assertThat(at.width).as(box).isLessThan(30);
      assertThat(label.width).as(box).isGreaterThan(at.width * 5);
    }
    BoundingBox field = page.locator("#pause").boundingBox();
    BoundingBox unit = page.locator(".unit").boundingBox();
    assertThat(unit.height).isEqualTo(field.height);
    assertThat(unit.width).isGreaterThan(field.width);
    assertThat(
            page.locator("#dialog").evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth"))
        .isEqualTo(true);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void events_go_on_after_another_run_of_the_process(boolean journal) {
    dies("sense", "b");
    dies("shop", "b");
    open("#/events");
    assertThat(page.locator("#events li")).hasCount(2);

    replica.startAgain(journal);
    dies("pool-007", "b");

    assertThat(page.locator("#events li").nth(0)).containsText("Pool pool-007: server b is DOWN");
    assertThat(page.locator("#events li")).hasCount(journal ? 3 : 1);
    assertThat(page.locator("#events-state")).hasText("new events appear here");
    dies("pool-008", "b");
    assertThat(page.locator("#events li").nth(0)).containsText("Pool pool-008: server b is DOWN");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "process|/api/process|The process could not be read again: It failed.",
        "pools/shop|/api/pools/shop|The details could not be read again: It failed."
      })
  void data_that_cannot_be_read_again_is_shown_with_its_age(String row) {
    String[] parts = row.split("\\|");
    open("#/" + parts[0]);
    assertThat(page.locator("main"))
        .containsText(parts[0].equals("process") ? "25.0.1" : "10.0.0.7");

    replica.fail(parts[1]);

    assertThat(page.locator("#outdated")).containsText(parts[2]);
    assertThat(page.locator("#outdated")).containsText(Pattern.compile("\\d+ s old"));
    replica.fail("");
    assertThat(page.locator("#outdated")).hasCount(0);
  }

  @Test
  void routes_are_read_once_and_only_their_rates_again() {
    // Routes that come before the overview belong to an unknown file, and are read again.
    open("");
    assertThat(rows()).hasCount(POOLS);
    page.evaluate("location.hash = '#/routes'");
    assertThat(page.locator("main")).containsText("13");

    assertThat(page.locator("main")).containsText("77");
    assertThat(replica.asked().stream().filter("/api/routes"::equals)).hasSize(1);
  }

  @Test
  void a_flap_between_two_readings_is_drawn_in_the_table() {
    open("");
    Locator bars = page.locator("[data-pool='shop'] .bars rect");
    assertThat(bars).hasCount(1);

    dies("shop", "a");
    replica.setStatus("shop", "a", "UP", "status 200");

    assertThat(page.locator("[data-pool='shop'] .bars")).hasAttribute("aria-label", "2 switches");
    assertThat(bars.last()).hasClass("bar-backup");
    double width = bars.last().boundingBox().width;
    assertThat(width).isGreaterThanOrEqualTo(1);
  }

  @Test
  void no_stream_of_events_is_held_by_pages_that_show_none() {
    open("#/events");
    assertThat(page.locator("#events-state")).hasText("new events appear here");
    page.keyboard().press("1");
    assertThat(rows()).hasCount(POOLS);

    Await.until("the stream is closed", () -> replica.eventStreams() == 0);
    assertThat(replica.asked()).contains("/api/events/stream");
  }

  // ---------------------------------------------------------------- everybody

  @ParameterizedTest
  @ValueSource(
      strings = {"pools", "pools/shop", "events", "routes", "replicas", "certificates", "process"})
  void a_phone_needs_no_sideways_scrolling(String where) {
    dies("shop", "a");
    replica.setStatus("shop", "b", "DOWN", "no address for " + "x".repeat(253));
    use(new Browser.NewContextOptions().setViewportSize(360, 780));
    open("#/" + where);
    assertThat(page.locator("main")).not().isEmpty();

    assertThat(page.evaluate("document.documentElement.scrollWidth")).isEqualTo(360);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "#/pools?group=host", "#/replicas"})
  void a_phone_needs_no_sideways_scrolling_in_a_mass_failure(String where) {
    use(new Browser.NewContextOptions().setViewportSize(390, 844));
    open(where);
    replica.failTogether("app-1.production.europe-west-1.internal.example.com", "10.0.0.2");
    assertThat(page.locator("#alarms")).containsText("failed together");

    assertThat(page.evaluate("document.documentElement.scrollWidth")).isEqualTo(390);
  }

  static List<ColorScheme> schemes() {
    return Extent.sample(List.of(ColorScheme.LIGHT, ColorScheme.DARK));
  }

  @ParameterizedTest
  @MethodSource("schemes")
  void nobody_is_kept_from_using_any_page(ColorScheme scheme) throws IOException {
    dies("shop", "a", "b");
    dies("sense", "b");
    use(new Browser.NewContextOptions().setViewportSize(1400, 900).setColorScheme(scheme));
    open("");
    page.evaluate(axe());
    for (String where :
        List.of(
            "pools?condition=problem",
            "pools/shop",
            "events",
            "routes",
            "replicas",
            "certificates",
            "configuration",
            "process")) {
      page.evaluate("where => { location.hash = '#/' + where; }", where);
      assertThat(page.locator("main")).not().containsText("Reading…");
      assertThat(violations()).as(where).isEmpty();
    }
    replica.failTogether("10.0.0.1", "10.0.0.2");
    for (String where : List.of("pools", "pools?group=none", "pools/none-of-these")) {
      page.evaluate("where => { location.hash = '#/' + where; }", where);
      assertThat(page.locator("#alarms")).containsText("servers failed");
      assertThat(violations()).as(where).isEmpty();
    }
    replica.freeze();
    assertThat(page.locator("main")).hasClass("old");
    assertThat(violations()).as("old data").isEmpty();
    replica.thaw();
  }

  /** What axe finds, each with its rule, its number of elements and the first of them. */
  private List<?> violations() {
    return (List<?>)
        page.evaluate(
            "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'best-practice'] })"
                + ".then(found => found.violations.map(one => one.id + ' ' + one.nodes.length + ' '"
                + " + one.nodes[0].html + ' ' + one.nodes[0].failureSummary))");
  }

  private static String axe() throws IOException {
    String path = "/META-INF/resources/webjars/axe-core/4.6.3/axe.min.js";
    try (InputStream in = ConsoleIT.class.getResourceAsStream(path)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void nothing_moves_for_those_who_want_no_motion() {
    use(new Browser.NewContextOptions().setReducedMotion(ReducedMotion.REDUCE));
    open("");

    assertThat(page.evaluate("document.getAnimations().length")).isEqualTo(0);
  }
}
