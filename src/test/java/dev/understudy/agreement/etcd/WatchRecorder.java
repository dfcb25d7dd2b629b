package dev.understudy.agreement.etcd;

import dev.understudy.agreement.register.Register.WatchListener;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterKey;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what a watch told, each as one line. */
class WatchRecorder implements WatchListener {
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private volatile RegisterException why;

  @Override
  public void changed(RegisterEntry entry) {
    lines.add(
        "%s %s %d %s"
            .formatted(
                entry.key().kind(),
                entry.key().name(),
                entry.revision(),
                entry.document().holder()));
  }

  @Override
  public void deleted(RegisterKey key, long revision) {
    lines.add("deleted %s %s %d".formatted(key.kind(), key.name(), revision));
  }

  @Override
  public void progress(long revision) {
    lines.add("progress " + revision);
  }

  @Override
  public void ended(RegisterException why) {
    this.why = why;
    lines.add("ended " + why.reason());
  }

  List<String> lines() {
    return lines;
  }

  RegisterException why() {
    return why;
  }
}
