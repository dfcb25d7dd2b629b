package dev.understudy.agreement.register;

import dev.understudy.agreement.register.Register.WatchListener;
import dev.understudy.testing.Await;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Keeps what a watch told. */
public class HeardChanges implements WatchListener {
  /** One change; without a document it is a deletion. */
  public record Change(RegisterKey key, long revision, @Nullable RegisterDocument document) {}

  private final List<Change> changes = new CopyOnWriteArrayList<>();
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private volatile long progress;
  private volatile @Nullable RegisterException end;

  @Override
  public void changed(RegisterEntry entry) {
    changes.add(new Change(entry.key(), entry.revision(), entry.document()));
    lines.add(line(entry.key(), entry.revision()) + " " + entry.document().holder());
  }

  @Override
  public void deleted(RegisterKey key, long revision) {
    changes.add(new Change(key, revision, null));
    lines.add("deleted " + line(key, revision));
  }

  @Override
  public void progress(long revision) {
    progress = revision;
    lines.add("progress " + revision);
  }

  @Override
  public void ended(RegisterException why) {
    end = why;
    lines.add("ended " + why.reason());
  }

  private static String line(RegisterKey key, long revision) {
    return key.kind() + " " + key.name() + " " + revision;
  }

  /** All that it told, such as {@code POOL a 4 holder}. */
  public List<String> lines() {
    return lines;
  }

  public List<Change> changes() {
    return List.copyOf(changes);
  }

  /** The last revision that was told without a change; 0: none. */
  public long progress() {
    return progress;
  }

  public @Nullable RegisterException end() {
    return end;
  }

  public void awaitChanges(int count) {
    Await.until(count + " changes, with none too many", () -> changes.size() >= count || failed());
  }

  public void awaitEnd() {
    Await.until("end of the watch", () -> end != null);
  }

  private boolean failed() {
    if (end != null) {
      throw new IllegalStateException("the watch ended: " + end.getMessage(), end);
    }
    return false;
  }
}
