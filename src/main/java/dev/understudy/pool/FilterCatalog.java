package dev.understudy.pool;

import java.util.List;

/** Lists kinds of filters; found by {@link java.util.ServiceLoader}. */
public interface FilterCatalog {
  /** The kinds in the order of the reference, each name once. */
  List<FilterKind> kinds();
}
