package dev.understudy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.register.RegisterException;
import dev.understudy.testing.Await;
import dev.understudy.testing.FakeKubernetes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What a mirror does beyond {@code KubernetesEndpointsTest} and {@code GatewayApiSourceTest}. */
class ObjectMirrorTest {
  private final FakeKubernetes cluster = new FakeKubernetes();
  private final ApiOpening opening =
      new ApiOpening("understudy-mirror", cluster::settings, Duration.ofSeconds(1), why -> {});
  private final List<String> told = new CopyOnWriteArrayList<>();
  private final List<String> changed = new CopyOnWriteArrayList<>();
  private final List<String> unreadable = new CopyOnWriteArrayList<>();
  private volatile String leftOut = "";

  @AfterEach
  void close() {
    opening.close();
    cluster.close();
  }

  private final class Listener implements ObjectMirror.Listener<String> {
    @Override
    public void has(Map<String, String> all) {
      told.add(String.join(" ", all.keySet()));
    }

    @Override
    public void changed(Map<String, String> all, @Nullable String before, @Nullable String now) {
      has(all);
      changed.add(told.getLast());
    }

    @Override
    public void failed(RegisterException why, int before) {
      told.add("failed");
    }

    @Override
    public void recovered() {}

    @Override
    public void unwatched(RegisterException why) {}

    @Override
    public void unreadable(String key, String why) {
      unreadable.add(key + " " + why);
    }

    @Override
    public void leftOut(String which) {
      leftOut += which;
    }
  }

  private void has(String name) {
    has("a", name);
  }

  private void has(String namespace, String name) {
    cluster.apply(
        "{ kind: Service, metadata: { namespace: %s, name: %s } }".formatted(namespace, name));
  }

  private void awaitTold(String names) {
    Await.until(names, () -> !told.isEmpty() && told.getLast().equals(names));
  }

  private void begin(int most, Function<JsonNode, String> reader) {
    begin(most, 1, reader);
  }

  private void begin(int most, int shares, Function<JsonNode, String> reader) {
    var unused =
        opening
            .api()
            .thenAccept(
                api ->
                    new ObjectMirror<>(
                            api.client(),
                            api.failures("", "list services"),
                            new ObjectCollection(List.of("/api/v1/services"), "", false, false),
                            reader,
                            new Listener(),
                            new MirrorLimits(most, 1L << 20, shares),
                            new ObjectMirror.WatchTime(Duration.ofMinutes(5), true))
                        .begin());
  }

  @Test
  void what_is_wrong_with_one_object_concerns_no_other() {
    has("s1");
    has("s2");
    has("s3");
    begin(
        9,
        object -> {
          String name = object.path("metadata").path("name").asString();
          if (name.equals("s2")) {
            throw new IllegalStateException("no such form");
          }
          return name;
        });
    awaitTold("a/s1 a/s3");
    assertThat(unreadable).containsExactly("a/s2 java.lang.IllegalStateException: no such form");
  }

  @Test
  void beyond_its_limits_it_asks_for_no_more_pages_and_takes_what_comes_first() {
    for (int i = 1; i < 8; i++) {
      has("s" + i);
    }
    cluster.page(2);
    begin(3, JsonNode::toString);
    awaitTold("a/s1 a/s2 a/s3");
    assertThat(leftOut).isEqualTo("all from a/s4 on");
    assertThat(cluster.count("GET Service")).isEqualTo(2);
    Await.until("a watch", () -> cluster.watches() == 1);
    has("s0");
    awaitTold("a/s0 a/s1 a/s2");
    cluster.delete("Service", "a/s1");
    awaitTold("a/s0 a/s2 a/s3");
    assertThat(leftOut).isEqualTo("all from a/s4 on");
  }

  @Test
  void a_namespace_with_more_than_its_share_leaves_others_theirs() {
    has("a", "s1");
    has("a", "s2");
    has("a", "s3");
    has("b", "s1");
    begin(8, 4, JsonNode::toString);
    awaitTold("a/s1 a/s2 b/s1");
    assertThat(leftOut).isEqualTo("those of namespace a from a/s3 on");
    Await.until("a watch", () -> cluster.watches() == 1);
    has("a", "s0");
    awaitTold("a/s0 a/s1 b/s1");
    cluster.delete("Service", "a/s0");
    awaitTold("a/s1 a/s2 b/s1");
    assertThat(leftOut).isEqualTo("those of namespace a from a/s3 on");
  }

  @Test
  void objects_that_are_left_out_during_a_watch_are_told_as_gone() {
    has("s5");
    has("s6");
    begin(2, JsonNode::toString);
    awaitTold("a/s5 a/s6");
    Await.until("a watch", () -> cluster.watches() == 1);
    has("s4");
    awaitTold("a/s4 a/s5");
    assertThat(changed).isEmpty();
    cluster.delete("Service", "a/s4");
    Await.until("a change", () -> changed.equals(List.of("a/s5")));
  }

  @ParameterizedTest
  @CsvSource({"0, , 1", "1, , 2", "4, , 16", "5, , 30", "1000, , 30", "0, 45, 45", "5, 3, 30"})
  void pauses_grow_with_failures_and_last_as_long_as_the_api_asks(
      int before, @Nullable Integer asked, int pause) {
    RegisterException failure =
        new RegisterException(
            RegisterException.Reason.UNCERTAIN,
            "no",
            asked == null ? null : Duration.ofSeconds(asked),
            null);
    assertThat(RetryPause.after(before, failure)).hasSeconds(pause);
  }
}
