package dev.understudy.agreement.register;

import dev.understudy.agreement.register.RegisterException.Reason;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What several {@link MemoryRegister}s share, with one revision over all entries. */
public final class MemoryStore {
  /** One change; without a document it is a deletion. */
  public record Change(
      String installation, RegisterKey key, long revision, @Nullable RegisterDocument document) {}

  private record Place(String installation, RegisterKey key) {}

  private final Map<Place, RegisterEntry> entries = new LinkedHashMap<>();
  private final List<Change> history = new ArrayList<>();
  private final List<Consumer<Change>> watchers = new ArrayList<>();
  private long revision = 1;

  public synchronized RegisterListing list(String installation) {
    List<RegisterEntry> found = new ArrayList<>();
    entries.forEach(
        (place, entry) -> {
          if (place.installation().equals(installation)) {
            found.add(entry);
          }
        });
    return new RegisterListing(found, revision);
  }

  public synchronized Optional<RegisterEntry> get(String installation, RegisterKey key) {
    return Optional.ofNullable(entries.get(new Place(installation, key)));
  }

  public synchronized long compareAndSet(
      String installation, RegisterKey key, RegisterDocument document, long expected) {
    Place place = new Place(installation, key);
    check(place, expected);
    revision++;
    entries.put(place, new RegisterEntry(key, revision, document));
    tell(new Change(installation, key, revision, document));
    return revision;
  }

  public synchronized void delete(String installation, RegisterKey key, long expected) {
    Place place = new Place(installation, key);
    if (!entries.containsKey(place)) {
      return;
    }
    check(place, expected);
    revision++;
    entries.remove(place);
    tell(new Change(installation, key, revision, null));
  }

  /** Gives the changes since that revision to the watcher, and all later ones, in order. */
  synchronized void watch(long from, Consumer<Change> watcher) {
    history.stream().filter(change -> change.revision() > from).forEach(watcher);
    watchers.add(watcher);
  }

  synchronized void unwatch(Consumer<Change> watcher) {
    watchers.remove(watcher);
  }

  private void check(Place place, long expected) {
    RegisterEntry entry = entries.get(place);
    long found = entry == null ? 0 : entry.revision();
    if (found != expected) {
      throw new RegisterException(
          Reason.CONFLICT,
          place.key() + " is at revision " + found + ", not at " + expected + " as expected");
    }
  }

  private void tell(Change change) {
    history.add(change);
    List.copyOf(watchers).forEach(watcher -> watcher.accept(change));
  }
}
