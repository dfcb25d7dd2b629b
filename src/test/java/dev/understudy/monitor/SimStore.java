package dev.understudy.monitor;

import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.agreement.register.RegisterListing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the replicas of a simulation share: entries in one order, told to watches in that order. */
final class SimStore {
  /**
   * One change.
   *
   * @param document null: a deletion
   */
  record Change(RegisterKey key, long revision, @Nullable RegisterDocument document) {}

  private final Map<String, RegisterEntry> entries = new TreeMap<>();
  private final List<Change> history = new ArrayList<>();
  private final List<Watcher> watches = new ArrayList<>();

  private record Watcher(Consumer<Change> tell, Runnable broken) {}

  private final Consumer<Change> observer;
  private long revision = 100;
  private long compacted;
  boolean down;

  /** {@code observer} sees each change before any watch. */
  SimStore(Consumer<Change> observer) {
    this.observer = observer;
  }

  RegisterListing list() {
    return new RegisterListing(List.copyOf(entries.values()), revision);
  }

  @Nullable RegisterEntry get(RegisterKey key) {
    return entries.get(key.toString());
  }

  /** The new revision; 0: another one was there. */
  long compareAndSet(RegisterKey key, RegisterDocument document, long expected) {
    RegisterEntry present = get(key);
    if ((present == null ? 0 : present.revision()) != expected) {
      return 0;
    }
    put(key, document);
    return revision;
  }

  /** By hand, whatever is there. */
  void put(RegisterKey key, RegisterDocument document) {
    entries.put(key.toString(), new RegisterEntry(key, ++revision, document));
    tell(new Change(key, revision, document));
  }

  boolean delete(RegisterKey key, long expected) {
    RegisterEntry present = get(key);
    if (present == null || (expected != 0 && present.revision() != expected)) {
      return present == null;
    }
    entries.remove(key.toString());
    tell(new Change(key, ++revision, null));
    return true;
  }

  private void tell(Change change) {
    observer.accept(change);
    history.add(change);
    List.copyOf(watches).forEach(watch -> watch.tell.accept(change));
  }

  /** Forgets all changes up to now: a watch from before is told that it is gone. */
  void compact() {
    compacted = revision;
    history.clear();
  }

  boolean isGone(long from) {
    return from < compacted || from > revision;
  }

  List<Change> since(long from) {
    return history.stream().filter(change -> change.revision() > from).toList();
  }

  /** Tells changes until the result is run, or {@code broken} is. */
  Runnable watch(Consumer<Change> tell, Runnable broken) {
    Watcher watch = new Watcher(tell, broken);
    watches.add(watch);
    return () -> watches.remove(watch);
  }

  /** A copy to restore later. */
  Map<String, RegisterEntry> backup() {
    return new TreeMap<>(entries);
  }

  long revision() {
    return revision;
  }

  /** The state of an earlier time; revisions go on from there, and every watch breaks. */
  void restore(Map<String, RegisterEntry> backup, long then) {
    entries.clear();
    entries.putAll(backup);
    history.clear();
    revision = then;
    compacted = then;
    List.copyOf(watches).forEach(watch -> watch.broken.run());
  }
}
