package dev.understudy.proxy.errorpage;

import dev.understudy.pool.ErrorPage;
import dev.understudy.pool.ErrorPages;
import dev.understudy.pool.PoolId;
import dev.understudy.proxy.errorpage.PageTemplate.Form;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The template of every error response, by pool and status or {@link ErrorPages#MAINTENANCE}: the
 * pool's page, else the general one, else the built-in one. Immutable.
 */
public final class ErrorPageTable {
  /** The built-in pages only. */
  public static final ErrorPageTable DEFAULT = of(ErrorPages.NONE);

  /** The operator's templates by status. */
  private record Templates(Map<Integer, PageTemplate> html, Map<Integer, PageTemplate> json) {
    Templates copy() {
      return new Templates(new HashMap<>(html), new HashMap<>(json));
    }
  }

  private final Templates general;
  private final Map<PoolId, Templates> ofPools;

  private ErrorPageTable(Templates general, Map<PoolId, Templates> ofPools) {
    this.general = general;
    this.ofPools = ofPools;
  }

  /** Compiles the operator's pages. */
  public static ErrorPageTable of(ErrorPages pages) {
    Map<String, PageTemplate> html = new HashMap<>();
    Map<String, PageTemplate> json = new HashMap<>();
    Templates general = new Templates(new HashMap<>(), new HashMap<>());
    compile(pages.general(), general, html, json);
    Map<PoolId, Templates> ofPools = new HashMap<>();
    pages
        .ofPools()
        .forEach(
            (pool, own) -> {
              if (!own.isEmpty()) {
                Templates both = general.copy();
                compile(own, both, html, json);
                ofPools.put(pool, both);
              }
            });
    return new ErrorPageTable(general, Map.copyOf(ofPools));
  }

  /** Compiles each text once, whatever number of statuses and pools it is for. */
  private static void compile(
      Map<Integer, ErrorPage> pages,
      Templates to,
      Map<String, PageTemplate> html,
      Map<String, PageTemplate> json) {
    pages.forEach(
        (status, page) -> {
          if (page.html() != null) {
            to.html.put(
                status,
                html.computeIfAbsent(page.html(), text -> PageTemplate.of(Form.HTML, text)));
          }
          if (page.json() != null) {
            to.json.put(
                status,
                json.computeIfAbsent(page.json(), text -> PageTemplate.of(Form.JSON, text)));
          }
        });
  }

  /**
   * Returns the HTML page.
   *
   * @param pool the pool of the request's route; null if none is known
   * @param refreshes whether the response makes browsers load the page again, which the built-in
   *     page then says
   */
  public PageTemplate html(@Nullable PoolId pool, int status, boolean refreshes) {
    PageTemplate own = templates(pool).html.get(status);
    return own == null ? BuiltInPages.html(status, refreshes) : own;
  }

  /** Returns the JSON page; {@code pool} as for {@link #html}. */
  public PageTemplate json(@Nullable PoolId pool, int status) {
    PageTemplate own = templates(pool).json.get(status);
    return own == null ? BuiltInPages.json(status) : own;
  }

  private Templates templates(@Nullable PoolId pool) {
    Templates own = pool == null ? null : ofPools.get(pool);
    return own == null ? general : own;
  }
}
