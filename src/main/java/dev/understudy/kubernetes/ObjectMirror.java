package dev.understudy.kubernetes;

import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterException.Reason;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A copy of one collection of the API, by keys: {@code namespace/name}, or the name of an object
 * without a namespace. On the client's loop alone.
 *
 * <table>
 * <caption>Transitions</caption>
 * <tr><th>now<th>news<th>then
 * <tr><td>lists<td>a page that is not the last<td>asks for the next one, unless the limits are
 *     reached
 * <tr><td>lists<td>the last page<td>watches what follows the list; tells
 * <tr><td>lists<td>the API has no such version<td>lists in the next one
 * <tr><td>lists<td>the API has none of the versions of an optional collection, which it never had
 *     <td>tells that there are none; lists again in 30 s
 * <tr><td>lists<td>failed<td>lists again in 1 s, after further failures in up to 30 s, or when the
 *     API asks for it; what was told stays
 * <tr><td>lists<td>a response that cannot be read, as it is too large<td>as above, in smaller pages
 * <tr><td>watches<td>an object came, changed or went<td>tells
 * <tr><td>watches<td>an object went, and others are left out<td>tells; lists in 1 s
 * <tr><td>watches<td>ended or lost, or its revision is gone (410)<td>lists in 1 s; in up to 30 s
 *     after watches that told nothing, or when the API asks for it
 * <tr><td>watches, and trusts bookmarks<td>ended in order after news or a bookmark<td>watches what
 *     follows these, in 1 s
 * <tr><td>watches<td>its time is over<td>lists at once, as the connection may have died silently;
 *     the watch goes on until the list is there
 * <tr><td>watches, and trusts bookmarks<td>its time is over, and there were news or a bookmark in
 *     it<td>watches for as long again
 * <tr><td>watches and lists<td>an object came, changed or went<td>tells; the list may be older, and
 *     is dropped: lists again in 1 s
 * </table>
 *
 * <p>An object that cannot be read keeps its last form that could, and no other is concerned.
 */
public final class ObjectMirror<T> {
  /**
   * When it lists anew.
   *
   * @param time of a watch before the next list
   * @param trusted whether news and bookmarks in that time make the list needless
   */
  public record WatchTime(Duration time, boolean trusted) {}

  /** Hears of each change. */
  public interface Listener<T> {
    /** All objects, after a list. */
    void has(Map<String, T> all);

    /**
     * One object came, changed or went.
     *
     * @param before null if it came
     * @param now null if it went
     */
    default void changed(Map<String, T> all, @Nullable T before, @Nullable T now) {
      has(all);
    }

    /**
     * The list failed.
     *
     * @param before failures in turn before this one
     */
    void failed(RegisterException why, int before);

    /** The list succeeded after a failure. */
    void recovered();

    /** Two watches in turn ended before they told anything; told once until one does. */
    void unwatched(RegisterException why);

    /** An object cannot be read; told once until it can, or for another reason. */
    default void unreadable(String key, String why) {}

    /**
     * There are more objects than the limits allow; told once until there are not.
     *
     * @param which are left out, for people: {@code all from a/b on}
     */
    default void leftOut(String which) {}
  }

  private static final int PAGE = 500;

  /** By how much pages become smaller after a response that is too large. */
  private static final int SHRINKING = 8;

  private final KubernetesClient api;
  private final ApiFailures failures;
  private final ObjectCollection of;
  private final Function<JsonNode, T> reader;
  private final Listener<T> listener;
  private final MirrorLimits limits;
  private final WatchTime watchTime;
  private final Map<String, String> unreadable = new HashMap<>();
  private BoundedObjects<T> objects;
  private Set<String> toldEnds = Set.of();
  private int page = PAGE;
  private int version;
  private int failed;
  private int failedWatches;
  private boolean closed;
  private boolean listing;

  /** Whether there was a list. */
  private boolean known;

  /** Whether the watch told something since the list was asked for. */
  private boolean told;

  /** Whether the watch told anything, bookmarks included, in its present time. */
  private boolean heard;

  /** What the next watch follows. */
  private String revision = "";

  private @Nullable ObjectWatch watch;
  private Runnable timer = () -> {};

  /**
   * @param reader reads an object, and removes from it what is not to count for the limits; throws
   *     an {@link IllegalArgumentException} that says why it cannot be read
   */
  public ObjectMirror(
      KubernetesClient api,
      ApiFailures failures,
      ObjectCollection of,
      Function<JsonNode, T> reader,
      Listener<T> listener,
      MirrorLimits limits,
      WatchTime watchTime) {
    this.api = api;
    this.failures = failures;
    this.of = of;
    this.reader = reader;
    this.listener = listener;
    this.limits = limits;
    this.watchTime = watchTime;
    this.objects = new BoundedObjects<>(limits);
  }

  /** Lists, and goes on. */
  public void begin() {
    if (closed || listing) {
      return;
    }
    timer.run();
    listing = true;
    told = false;
    new Listing().list.begin();
  }

  /** Ends it; nothing is told any more. */
  public void close() {
    closed = true;
    timer.run();
    endWatch();
  }

  private void endWatch() {
    if (watch != null) {
      watch.close();
      watch = null;
    }
  }

  private void succeeded() {
    if (failed > 0) {
      failed = 0;
      listener.recovered();
    }
  }

  /** The object; its last good form if it cannot be read, and null if it has none. */
  private @Nullable T read(JsonNode object) {
    String key = MirroredJson.key(object);
    try {
      T read = reader.apply(object);
      unreadable.remove(key);
      return read;
    } catch (RuntimeException e) {
      // Whatever is wrong with one object concerns no other.
      String why = String.valueOf(e instanceof IllegalArgumentException ? e.getMessage() : e);
      if (unreadable.size() < limits.objects() && !why.equals(unreadable.put(key, why))) {
        listener.unreadable(key, why);
      }
      return objects.get(key);
    }
  }

  private void checkEnds() {
    Map<String, String> now = objects.leftOut();
    now.forEach(
        (place, which) -> {
          if (!toldEnds.contains(place)) {
            listener.leftOut(which);
          }
        });
    toldEnds = now.keySet();
  }

  private void watch() {
    heard = false;
    watch = new ObjectWatch(api, failures, new Changes());
    // The other end ends it if this one is not there any more; lists may fail for as long.
    int seconds = 2 * (int) watchTime.time().toSeconds() + 10;
    watch.start(of.request(version, ObjectWatch.query(revision, seconds), false));
    next(watchTime.time(), this::watched);
  }

  private void watched() {
    failedWatches = 0;
    if (heard && watchTime.trusted()) {
      heard = false;
      next(watchTime.time(), this::watched);
    } else {
      begin();
    }
  }

  /** Up to a second, so that replicas do not list together. */
  private static Duration jitter() {
    return Duration.ofMillis(ThreadLocalRandom.current().nextInt(1_000));
  }

  private void listAgain(Duration pause) {
    next(pause, this::begin);
  }

  private void next(Duration pause, Runnable task) {
    timer.run();
    timer = api.later(pause.plus(jitter()), task);
  }

  /** One list. */
  private final class Listing implements PagedList.Listener {
    private final PagedList list = new PagedList(api, failures, of, page, this);
    private final BoundedObjects<T> read = new BoundedObjects<>(limits);

    @Override
    public boolean page(JsonNode next) {
      for (JsonNode each : next.path("items")) {
        T object = read(each);
        if (object != null) {
          read.put(MirroredJson.key(each), object, MirroredJson.size(each));
        }
      }
      return !closed && read.end() == null;
    }

    @Override
    public void complete(String since) {
      if (closed) {
        return;
      }
      listing = false;
      version = list.version();
      succeeded();
      if (told) {
        listAgain(RetryPause.FIRST);
        return;
      }
      known = true;
      objects = read;
      checkEnds();
      listener.has(objects.all());
      revision = since;
      endWatch();
      watch();
    }

    @Override
    public void missing() {
      if (known) {
        failed(new RegisterException(Reason.REFUSED, "the API does not have them any more"));
      } else if (!closed) {
        listing = false;
        succeeded();
        listener.has(objects.all());
        listAgain(RetryPause.LONGEST);
      }
    }

    @Override
    public void failed(RegisterException failure) {
      if (closed) {
        return;
      }
      listing = false;
      if (failure.getCause() instanceof IllegalArgumentException) {
        page = Math.max(1, page / SHRINKING);
      }
      int before = failed++;
      listener.failed(failure, before);
      listAgain(RetryPause.after(before, failure));
    }
  }

  private final class Changes implements ObjectWatch.Listener {
    @Override
    public void changed(JsonNode object) {
      heard(object);
      told = true;
      T now = read(object);
      String key = MirroredJson.key(object);
      T before = objects.get(key);
      if (now != null) {
        boolean cut = objects.put(key, now, MirroredJson.size(object));
        checkEnds();
        if (cut) {
          listener.has(objects.all());
        } else {
          listener.changed(objects.all(), before, objects.get(key));
        }
      }
    }

    @Override
    public void deleted(JsonNode object) {
      heard(object);
      told = true;
      unreadable.remove(MirroredJson.key(object));
      T before = objects.remove(MirroredJson.key(object));
      if (before != null) {
        listener.changed(objects.all(), before, null);
        if (!objects.leftOut().isEmpty() && !listing) {
          listAgain(RetryPause.FIRST);
        }
      }
    }

    @Override
    public void progress(JsonNode bookmark) {
      heard(bookmark);
    }

    private void heard(JsonNode object) {
      failedWatches = 0;
      heard = true;
      String at = PagedList.revision(object);
      revision = at.isEmpty() ? revision : at;
    }

    @Override
    public void finished(RegisterException how) {
      if (closed || listing || failed > 0 || !heard || !watchTime.trusted()) {
        ended(how);
        return;
      }
      watch = null;
      next(RetryPause.FIRST, ObjectMirror.this::watch);
    }

    @Override
    public void ended(RegisterException why) {
      watch = null;
      if (closed) {
        return;
      }
      if (failedWatches == 1) {
        listener.unwatched(why);
      }
      Duration pause = RetryPause.after(failedWatches++, why);
      if (failed == 0 && !listing) {
        listAgain(pause);
      }
    }
  }
}
