package dev.understudy.agreement.etcd;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The lease of this register's voter keys, through which etcd deletes voters that are no longer
 * written. It is granted with the first write and kept alive by later ones, not by a timer: a
 * replica that stopped voting must not look alive. Used on the event loop only.
 */
final class VoterLease {
  private final EtcdClient client;
  private final Duration ttl;
  private long id;
  private long keptAt;
  private boolean keeping;
  private @Nullable CompletableFuture<Long> granting;

  VoterLease(EtcdClient client, Duration ttl) {
    this.client = client;
    this.ttl = ttl;
  }

  /**
   * Returns the lease's id for a write; grants a lease if there is none, else keeps it alive.
   *
   * @param deadline by {@link System#nanoTime}
   */
  CompletableFuture<Long> id(long deadline) {
    if (id != 0) {
      keepAlive();
      return CompletableFuture.completedFuture(id);
    }
    if (granting == null || granting.isDone()) {
      granting =
          client
              .call("/v3/lease/grant", Map.of("TTL", Long.toString(ttl.toSeconds())), deadline)
              .thenApply(this::granted);
    }
    return granting;
  }

  private long granted(JsonNode response) {
    long given = EtcdJson.number(response, "ID");
    if (given == 0) {
      throw new IllegalArgumentException("no lease");
    }
    id = given;
    keptAt = System.nanoTime();
    return given;
  }

  /** Drops an expired lease. */
  void forget(long gone) {
    if (gone == id) {
      id = 0;
    }
  }

  private void keepAlive() {
    long now = System.nanoTime();
    if (keeping || now - keptAt < ttl.toNanos() / 3) {
      return;
    }
    keeping = true;
    long kept = id;
    var unused =
        client
            .call(
                "/v3/lease/keepalive",
                Map.of("ID", Long.toString(kept)),
                now + client.timeout.toNanos())
            .whenComplete((response, failure) -> kept(kept, now, response));
  }

  /** Takes the result of a keep-alive. After a failure, the next write tries again. */
  private void kept(long which, long asked, @Nullable JsonNode response) {
    keeping = false;
    if (response == null || !response.has("result")) {
      return;
    }
    if (EtcdJson.number(response.path("result"), "TTL") <= 0) {
      forget(which);
    } else if (which == id) {
      keptAt = asked;
    }
  }
}
