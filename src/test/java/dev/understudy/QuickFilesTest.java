package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.application.SpringProxy;
import dev.understudy.assembly.Instrumentation;
import dev.understudy.proxy.route.CurrentRouteTable;
import dev.understudy.proxy.route.RouteLane;
import dev.understudy.testing.Await;
import dev.understudy.testing.HeldRoutePredicateFactory;
import dev.understudy.testing.RawClient;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.cloud.gateway.event.RefreshRoutesEvent;

/**
 * The whole application: files come in quick succession while routes are refreshed for no reason of
 * theirs, and the one that was applied last is in force in both lanes.
 */
class QuickFilesTest {
  private static final int FILES = 12;

  private static final HeldRoutePredicateFactory held = new HeldRoutePredicateFactory();

  @AutoClose private static TestProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) {
    SpringApplication application = SpringProxy.application(Instrumentation.standard());
    application.addInitializers(fresh -> fresh.getBeanFactory().registerSingleton("held", held));
    proxy = new TestProxy(application, folder, text(0));
  }

  private static String text(int number) {
    return TestProxy.POOLS
        + """
        routes:
          - { id: express, uri: "pool://p", predicates: [Path=/express/%1$d] }
          - { id: gateway, uri: "pool://p", predicates: [Path=/gateway/%1$d, { name: Held }] }
          - { id: file-%1$d, uri: "pool://p", predicates: [Path=/number] }
        """
            .formatted(number);
  }

  private static boolean isApplied(int number) {
    return proxy.bean(CurrentRouteTable.class).current().lanes().stream()
        .map(RouteLane::id)
        .anyMatch(("file-" + number)::equals);
  }

  private static void assertInForce(int number) {
    for (String lane : new String[] {"express", "gateway"}) {
      assertThat(status("/" + lane + "/" + number)).as(lane).isEqualTo(200);
      assertThat(status("/" + lane + "/" + (number - 1))).as(lane).isEqualTo(404);
    }
  }

  private static int status(String target) {
    try (RawClient client = new RawClient(proxy.port())) {
      return client.request("GET", target).response("GET").status();
    }
  }

  private static void refresh() {
    proxy.context.publishEvent(new RefreshRoutesEvent(proxy));
  }

  /** Whether who applies files waits for a lock. */
  private static boolean waits() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("understudy-config-watcher"))
        .anyMatch(HeldRoutePredicateFactory::isBlocked);
  }

  @Test
  void a_refresh_that_began_before_a_file_takes_nothing_back() throws Exception {
    for (int number = 1; number <= FILES; number++) {
      int now = number;
      boolean written =
          held.during(
              QuickFilesTest::refresh,
              () -> {
                proxy.write(text(now));
                Await.until("applied, or waiting", () -> isApplied(now) || waits());
                return true;
              });
      assertThat(written).isTrue();
      Await.until("file " + number + " is applied", () -> isApplied(now));
      assertInForce(number);
    }
  }

  @Test
  void files_without_a_wait_between_them_end_with_the_last_in_force() {
    for (int number = FILES + 1; number <= 2 * FILES; number++) {
      proxy.write(text(number));
    }
    Await.until(
        "the last file is applied",
        () -> {
          refresh();
          return isApplied(2 * FILES);
        });
    assertInForce(2 * FILES);

    refresh();
    assertInForce(2 * FILES);
  }
}
