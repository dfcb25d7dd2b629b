package dev.understudy.monitor;

import dev.understudy.monitor.Endpoint.State;
import dev.understudy.pool.ServerTemplate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tells at once what the test has set; of Services that are not set, nothing. */
final class FakeEndpoints implements EndpointSource {
  private final Map<String, List<Endpoint>> services = new HashMap<>();
  private final Map<String, List<Consumer<List<Endpoint>>>> followers = new HashMap<>();

  static Endpoint endpoint(String address, State state, @Nullable String label) {
    return new Endpoint(FakeResolver.address(address), 8080, state, label, null, null);
  }

  /** From now on the Service has these. */
  void set(String service, Endpoint... endpoints) {
    services.put(service, List.of(endpoints));
    List.copyOf(followers.getOrDefault(service, List.of()))
        .forEach(each -> each.accept(List.of(endpoints)));
  }

  /** Who follows the Service from now on is told nothing. */
  void forget(String service) {
    services.remove(service);
  }

  int followers(String service) {
    return followers.getOrDefault(service, List.of()).size();
  }

  @Override
  public Runnable follow(ServerTemplate template, Consumer<List<Endpoint>> found) {
    String service = template.address().host();
    List<Consumer<List<Endpoint>>> all =
        followers.computeIfAbsent(service, key -> new ArrayList<>());
    all.add(found);
    if (services.containsKey(service)) {
      found.accept(services.get(service));
    }
    return () -> all.remove(found);
  }
}
