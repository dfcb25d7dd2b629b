package dev.understudy.agreement.kubernetes;

import dev.understudy.agreement.register.Register;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.kubernetes.ObjectWatch;
import java.util.concurrent.ThreadLocalRandom;
import tools.jackson.databind.JsonNode;

/** Passes on what a watch reports of the Leases of this installation. */
record LeaseWatchListener(LeaseFormat format, Register.WatchListener listener)
    implements ObjectWatch.Listener {
  private static final int SECONDS = 270;
  private static final int JITTER_SECONDS = 60;

  /** Query of a watch; ends after 270 to 330 s, at random, so that replicas do not end together. */
  static String query(long revision) {
    return ObjectWatch.query(
        Long.toString(revision), SECONDS + ThreadLocalRandom.current().nextInt(JITTER_SECONDS));
  }

  @Override
  public void changed(JsonNode lease) {
    format.seen(lease);
    RegisterEntry entry = format.entry(lease);
    if (entry != null) {
      listener.changed(entry);
    }
  }

  @Override
  public void deleted(JsonNode lease) {
    format.gone(LeaseFormat.name(lease));
    RegisterKey key = format.key(lease);
    if (key != null) {
      listener.deleted(key, LeaseFormat.revision(lease));
    }
  }

  @Override
  public void progress(JsonNode bookmark) {
    listener.progress(LeaseFormat.revision(bookmark));
  }

  @Override
  public void ended(RegisterException why) {
    listener.ended(why);
  }
}
