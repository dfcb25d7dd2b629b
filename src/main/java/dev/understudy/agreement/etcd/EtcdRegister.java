package dev.understudy.agreement.etcd;

import dev.understudy.agreement.etcd.EtcdCallFailure.Remedy;
import dev.understudy.agreement.register.Register;
import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterException.Reason;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.agreement.register.RegisterKey.Kind;
import dev.understudy.agreement.register.RegisterListing;
import io.netty.handler.ssl.SslContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The register in etcd: one key for each entry, with its {@code mod_revision} as the entry's
 * revision. Voters have a lease, for garbage collection only.
 */
public final class EtcdRegister implements Register {
  private static final String RANGE = "/v3/kv/range";
  private static final String TXN = "/v3/kv/txn";

  private final EtcdSettings settings;
  private final EtcdClient client;
  private final EtcdKeys keys;
  private final VoterLease lease;

  /** Callbacks that end the calls in flight. */
  private final Set<Consumer<RegisterException>> calls = ConcurrentHashMap.newKeySet();

  private final Set<EtcdWatch> watches = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /** Cluster id of the last listing. */
  private volatile String cluster = "";

  /**
   * Starts the thread; connects with the first call.
   *
   * @param tls gives the client's context for https URLs; called for each request, on the event
   *     loop, so it must return at once; null for the JVM's trusted certificates
   */
  public EtcdRegister(EtcdSettings settings, @Nullable Supplier<SslContext> tls) {
    this.settings = settings;
    this.client = new EtcdClient(settings, tls);
    this.keys = new EtcdKeys(settings.prefix());
    this.lease = new VoterLease(client, settings.voterTtl());
  }

  @Override
  public String description() {
    return "etcd at " + String.join(", ", settings.urls()) + ", prefix " + settings.prefix();
  }

  @Override
  public CompletableFuture<RegisterListing> list() {
    Map<String, Object> all =
        Map.of("key", EtcdJson.base64(keys.prefix()), "range_end", EtcdJson.base64(keys.end()));
    return run(deadline -> client.call(RANGE, all, deadline).thenApply(this::listing));
  }

  private RegisterListing listing(JsonNode response) {
    List<RegisterEntry> entries = new ArrayList<>();
    response.path("kvs").forEach(pair -> entry(pair).ifPresent(entries::add));
    JsonNode header = response.path("header");
    cluster = EtcdJson.text(header, "cluster_id");
    return new RegisterListing(entries, EtcdJson.number(header, "revision"));
  }

  @Override
  public CompletableFuture<Optional<RegisterEntry>> get(RegisterKey key) {
    Map<String, Object> one = Map.of("key", EtcdJson.base64(keys.of(key)));
    return run(
        deadline ->
            client
                .call(RANGE, one, deadline)
                .thenApply(response -> entry(response.path("kvs").path(0))));
  }

  /** Converts a key and its value; empty if it is not one of an entry. */
  private Optional<RegisterEntry> entry(JsonNode pair) {
    return keys.key(EtcdJson.decoded(pair, "key"))
        .map(
            key ->
                new RegisterEntry(
                    key,
                    EtcdJson.number(pair, "mod_revision"),
                    EtcdDocumentCodec.read(EtcdJson.decoded(pair, "value"))));
  }

  @Override
  public CompletableFuture<Long> compareAndSet(
      RegisterKey key, RegisterDocument document, long expected) {
    String value = EtcdJson.base64(EtcdDocumentCodec.write(document));
    return key.kind() == Kind.VOTER
        ? run(deadline -> putWithLease(key, value, expected, deadline, true))
        : run(deadline -> put(key, value, expected, 0, deadline));
  }

  private CompletableFuture<Long> putWithLease(
      RegisterKey key, String value, long expected, long deadline, boolean again) {
    return lease
        .id(deadline)
        .thenCompose(
            id ->
                put(key, value, expected, id, deadline)
                    .exceptionallyCompose(
                        thrown -> {
                          EtcdCallFailure failure = EtcdCall.unwrapped(thrown);
                          if (!again || failure.remedy() != Remedy.NEW_LEASE) {
                            return CompletableFuture.failedFuture(failure);
                          }
                          lease.forget(id);
                          return putWithLease(key, value, expected, deadline, false);
                        }));
  }

  private CompletableFuture<Long> put(
      RegisterKey key, String value, long expected, long leaseId, long deadline) {
    Map<String, Object> put =
        Map.of(
            "key", EtcdJson.base64(keys.of(key)), "value", value, "lease", Long.toString(leaseId));
    return client
        .call(TXN, ifUnchanged(key, expected, Map.of("request_put", put)), deadline)
        .thenApply(
            response -> {
              if (!EtcdJson.flag(response, "succeeded")) {
                throw conflict(key, expected, response);
              }
              return EtcdJson.number(response.path("header"), "revision");
            });
  }

  @Override
  public CompletableFuture<Void> delete(RegisterKey key, long expected) {
    Map<String, Object> delete = Map.of("key", EtcdJson.base64(keys.of(key)));
    return run(
        deadline ->
            client
                .call(
                    TXN,
                    ifUnchanged(key, expected, Map.of("request_delete_range", delete)),
                    deadline)
                .thenAccept(
                    response -> {
                      if (!EtcdJson.flag(response, "succeeded") && found(response) != 0) {
                        throw conflict(key, expected, response);
                      }
                    }));
  }

  /** A transaction that makes the change at the expected revision, else reads the present one. */
  private Map<String, Object> ifUnchanged(
      RegisterKey key, long expected, Map<String, Object> change) {
    String name = EtcdJson.base64(keys.of(key));
    return Map.of(
        "compare",
        List.of(
            Map.of(
                "key",
                name,
                "target",
                "MOD",
                "result",
                "EQUAL",
                "mod_revision",
                Long.toString(expected))),
        "success",
        List.of(change),
        "failure",
        List.of(Map.of("request_range", Map.of("key", name, "keys_only", true))));
  }

  /** The revision that a failed transaction found; 0 if the key does not exist. */
  private static long found(JsonNode response) {
    JsonNode range = response.path("responses").path(0).path("response_range");
    return EtcdJson.number(range.path("kvs").path(0), "mod_revision");
  }

  private EtcdCallFailure conflict(RegisterKey key, long expected, JsonNode response) {
    long found = found(response);
    return new EtcdCallFailure(
        Remedy.NONE,
        Reason.CONFLICT,
        "etcd: "
            + keys.of(key)
            + (found == 0 ? " does not exist" : " is at revision " + found)
            + ", expected "
            + (expected == 0 ? "none" : "revision " + expected));
  }

  @Override
  public Watch watch(long revision, WatchListener listener) {
    EtcdWatch watch =
        new EtcdWatch(client, keys, revision, cluster, listener, watches::remove, deadline());
    watches.add(watch);
    if (closed) {
      watch.refuse(closedFailure());
    } else {
      client.loop.run(watch::begin);
    }
    return watch;
  }

  private long deadline() {
    return System.nanoTime() + settings.timeout().toNanos();
  }

  /** Runs a call on the loop, where its parts belong. */
  private <T> CompletableFuture<T> run(LongFunction<CompletableFuture<T>> call) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Consumer<RegisterException> end = result::completeExceptionally;
    calls.add(end);
    var unused = result.whenComplete((value, failure) -> calls.remove(end));
    long deadline = deadline();
    client.loop.run(() -> settle(call.apply(deadline), result));
    if (closed) {
      result.completeExceptionally(closedFailure());
    }
    return result;
  }

  private static <T> void settle(CompletableFuture<T> call, CompletableFuture<T> result) {
    var unused =
        call.whenComplete(
            (value, thrown) -> {
              if (thrown == null) {
                result.complete(value);
              } else {
                result.completeExceptionally(EtcdCall.unwrapped(thrown));
              }
            });
  }

  private static RegisterException closedFailure() {
    return new RegisterException(Reason.UNCERTAIN, "etcd: the register is closed");
  }

  @Override
  public void close() {
    closed = true;
    watches.forEach(EtcdWatch::close);
    client.close();
    calls.forEach(end -> end.accept(closedFailure()));
  }
}
