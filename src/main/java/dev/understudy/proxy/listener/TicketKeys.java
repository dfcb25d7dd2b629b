package dev.understudy.proxy.listener;

import dev.understudy.file.FileChanges;
import io.netty.handler.ssl.OpenSslServerSessionContext;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of TLS session tickets: those of a file, which replicas share, or BoringSSL's own, which
 * it replaces by itself. A file that cannot be used keeps the keys read before; each change is
 * logged once. Thread-safe.
 */
public final class TicketKeys {
  private static final Logger log = LoggerFactory.getLogger(TicketKeys.class);

  /** Between two looks at the file. */
  public static final Duration INTERVAL = Duration.ofSeconds(1);

  private final @Nullable Path file;
  private final @Nullable FileChanges changes;

  /** The contexts in use, which get new keys. */
  private final Set<OpenSslServerSessionContext> inUse =
      Collections.newSetFromMap(new WeakHashMap<>());

  private List<byte[]> keys = List.of();
  private String trouble = "";
  private boolean toldNotShared;

  /**
   * Reads the file when the first context needs its keys.
   *
   * @param file null for BoringSSL's own keys
   */
  public TicketKeys(@Nullable Path file) {
    this.file = file;
    this.changes = file == null ? null : new FileChanges(file);
  }

  /** Gives a context its keys, and new ones whenever the file changes. */
  synchronized void supply(OpenSslServerSessionContext sessions) {
    refresh();
    inUse.add(sessions);
    sessions.setTicketKeys(
        keys.isEmpty() ? new OpenSslSessionTicketKey[0] : TicketKeyFile.inForce(keys));
  }

  /** Logs once that the JDK's contexts have keys of their own, if a file says otherwise. */
  synchronized void cannotSupply() {
    if (file != null && !toldNotShared) {
      toldNotShared = true;
      log.warn(
          "understudy.tls.ticket-keys has no effect with the JDK's TLS: clients that come to"
              + " another replica begin a new session");
    }
  }

  /** Reads the file if it may have changed. */
  public synchronized void refresh() {
    if (file == null || changes == null) {
      return;
    }
    try {
      if (changes.any()) {
        take(TicketKeyFile.read(file));
      }
    } catch (IOException e) {
      keep(changes, new TicketKeyFile.UnusableException(file, e));
    } catch (TicketKeyFile.UnusableException e) {
      keep(changes, e);
    }
  }

  private void take(List<byte[]> read) {
    trouble = "";
    if (Arrays.deepEquals(read.toArray(), keys.toArray())) {
      return;
    }
    keys = read;
    for (OpenSslServerSessionContext each : inUse) {
      each.setTicketKeys(TicketKeyFile.inForce(keys));
    }
    log.info("TLS: the ticket keys of {} are in force", file);
  }

  private void keep(FileChanges unusable, TicketKeyFile.UnusableException why) {
    // Perhaps there was no descriptor for the file, and it will not change.
    unusable.forget();
    String said = String.valueOf(why.getMessage());
    if (!said.equals(trouble)) {
      trouble = said;
      log.warn("understudy.tls.ticket-keys: {}; keeping the keys read before", said);
    }
  }
}
