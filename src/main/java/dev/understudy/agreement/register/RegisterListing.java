package dev.understudy.agreement.register;

import java.util.List;

/**
 * All entries at one moment.
 *
 * @param revision the store's revision at that moment: a watch from here misses nothing
 */
public record RegisterListing(List<RegisterEntry> entries, long revision) {
  public RegisterListing {
    entries = List.copyOf(entries);
  }
}
