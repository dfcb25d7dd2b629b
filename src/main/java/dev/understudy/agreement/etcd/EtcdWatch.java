package dev.understudy.agreement.etcd;

import dev.understudy.agreement.etcd.EtcdCallFailure.Remedy;
import dev.understudy.agreement.register.Register.Watch;
import dev.understudy.agreement.register.Register.WatchListener;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterException.Reason;
import dev.understudy.agreement.register.RegisterKey;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import tools.jackson.databind.JsonNode;

/** A watch of all keys with the prefix, over one endless response. */
final class EtcdWatch extends EtcdCall implements Watch {
  private static final Logger log = LoggerFactory.getLogger(EtcdRegister.class);

  private final EtcdClient client;
  private final EtcdKeys keys;
  private final String cluster;
  private final WatchListener listener;
  private final Consumer<EtcdWatch> ended;
  private final String request;

  /** The revision up to which all changes have been reported. */
  private long reported;

  private volatile boolean silent;

  /**
   * Creates a watch, which has not begun.
   *
   * @param cluster id of the cluster that the revision belongs to; empty if unknown
   * @param ended called once the watch has ended, for whatever reason
   */
  EtcdWatch(
      EtcdClient client,
      EtcdKeys keys,
      long revision,
      String cluster,
      WatchListener listener,
      Consumer<EtcdWatch> ended,
      long deadline) {
    super(client, true, deadline);
    this.client = client;
    this.keys = keys;
    this.reported = revision;
    this.cluster = cluster;
    this.listener = listener;
    this.ended = ended;
    this.request =
        EtcdJson.write(
            Map.of(
                "create_request",
                Map.of(
                    "key",
                    EtcdJson.base64(keys.prefix()),
                    "range_end",
                    EtcdJson.base64(keys.end()),
                    "start_revision",
                    Long.toString(revision + 1),
                    "progress_notify",
                    true)));
  }

  @Override
  Disposable send(String url, String token) {
    sending();
    return client.stream(url, token, request)
        .subscribe(
            objects -> client.loop.run(() -> receive(objects)),
            failure -> client.loop.later(() -> failed(failure)),
            () -> client.loop.later(this::closedByMember));
  }

  private void receive(List<JsonNode> objects) {
    try {
      for (JsonNode object : objects) {
        if (isOver()) {
          return;
        }
        receive(object);
      }
    } catch (IllegalArgumentException e) {
      failed(e);
    }
  }

  private void receive(JsonNode object) {
    if (object.has("error")) {
      failed(EtcdErrors.ofStream(url(), object.path("error")));
      return;
    }
    JsonNode result = object.path("result");
    JsonNode header = result.path("header");
    if (EtcdJson.flag(result, "canceled")) {
      failed(
          EtcdJson.number(result, "compact_revision") > 0
              ? EtcdErrors.compacted(url())
              : EtcdErrors.ofCancelled(url(), EtcdJson.text(result, "cancel_reason")));
    } else if (EtcdJson.flag(result, "created")) {
      created(header);
    } else if (result.path("events").isEmpty()) {
      // Only without events: after some, others up to the header's revision may follow.
      progress(EtcdJson.number(header, "revision"));
    } else {
      for (JsonNode event : result.path("events")) {
        change(event);
      }
    }
  }

  /**
   * Checks the store behind a new watch. etcd would wait silently for a revision that the store has
   * not reached; in that case it is another store, or restored from a backup.
   */
  private void created(JsonNode header) {
    String found = EtcdJson.text(header, "cluster_id");
    if (EtcdJson.number(header, "revision") < reported) {
      failed(gone("the store is behind revision " + reported));
    } else if (!cluster.isEmpty() && !found.isEmpty() && !found.equals(cluster)) {
      failed(gone("a different cluster than before"));
    } else {
      responded();
    }
  }

  private EtcdCallFailure gone(String why) {
    return new EtcdCallFailure(Remedy.NONE, Reason.GONE, "etcd at " + url() + ": " + why);
  }

  private void change(JsonNode event) {
    JsonNode pair = event.path("kv");
    long revision = EtcdJson.number(pair, "mod_revision");
    if (silent || revision <= reported) {
      return;
    }
    RegisterKey key = keys.key(EtcdJson.decoded(pair, "key")).orElse(null);
    if (key == null) {
      return;
    }
    if (EtcdJson.text(event, "type").equals("DELETE")) {
      report(() -> listener.deleted(key, revision));
    } else {
      RegisterEntry entry =
          new RegisterEntry(key, revision, EtcdDocumentCodec.read(EtcdJson.decoded(pair, "value")));
      report(() -> listener.changed(entry));
    }
  }

  private void progress(long revision) {
    if (revision > reported) {
      reported = revision;
      report(() -> listener.progress(revision));
    }
  }

  private void closedByMember() {
    failed(
        new EtcdCallFailure(
            Remedy.ANOTHER_MEMBER_NEXT,
            Reason.UNCERTAIN,
            "etcd at " + url() + ": the watch was closed"));
  }

  @Override
  void gaveUp(EtcdCallFailure why) {
    ended.accept(this);
    report(() -> listener.ended(why));
    silent = true;
  }

  /** Ends a watch that has not begun. */
  void refuse(RegisterException why) {
    report(() -> listener.ended(why));
    close();
  }

  private void report(Runnable news) {
    if (silent) {
      return;
    }
    try {
      news.run();
    } catch (RuntimeException e) {
      log.error("A listener of the register failed", e);
    }
  }

  @Override
  public void close() {
    silent = true;
    client.loop.run(
        () -> {
          end();
          ended.accept(this);
        });
  }
}
