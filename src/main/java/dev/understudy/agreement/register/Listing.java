package dev.understudy.agreement.register;

import java.util.List;

/**
 * All entries at one moment.
 *
 * @param revision the store's revision at that moment: a watch from here misses nothing
 */
public record Listing(List<Entry> entries, long revision) {
  public Listing {
    entries = List.copyOf(entries);
  }
}
