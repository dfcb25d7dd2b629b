package dev.understudy.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Header fields in the form in which {@link PlainHead} read them. Most are only copied from one
 * side to the other, so a line is converted to strings only on request. A rare operation, or a
 * field that is not plain, converts all fields to Netty's own headers, which replace the lines for
 * good.
 */
public final class PlainHeaders extends DelegatingHeaders {
  /** The {@link #contentLength} of fields without a {@code Content-Length}. */
  public static final long NO_LENGTH = -1;

  /**
   * The {@link #contentLength} if there are several {@code Content-Length}, or if the only one is
   * not 1 to 18 digits.
   */
  public static final long UNCLEAR = -2;

  private final HeadLines lines;
  private @Nullable String host;
  private @Nullable HttpHeaders full;

  PlainHeaders(HeadLines lines) {
    this.lines = lines;
  }

  @Override
  protected HttpHeaders full() {
    if (full == null) {
      full = new DefaultHttpHeaders();
      for (int i = 0; i < lines.count(); i++) {
        full.add(lines.name(i), lines.value(i));
      }
    }
    return full;
  }

  /** Whether the fields still are lines, which can be copied unchanged. */
  public boolean isPlain() {
    return full == null;
  }

  /** Returns the lines. Call only while {@link #isPlain}. */
  HeadLines lines() {
    return lines;
  }

  /** The number of bytes that {@link #writeTo} writes. */
  public int bytes() {
    return lines.bytes();
  }

  /** Writes all lines. Call only while {@link #isPlain}. */
  public void writeTo(ByteBuf out) {
    lines.writeTo(out);
  }

  /**
   * Returns the value of {@code Content-Length} in bytes. Call only while {@link #isPlain}.
   *
   * @return 0 or more, {@link #NO_LENGTH} or {@link #UNCLEAR}
   */
  public long contentLength() {
    return lines.contentLength();
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // an equal name takes the slower way
  public String get(CharSequence name) {
    if (full != null) {
      return full.get(name);
    }
    return name == HttpHeaderNames.HOST ? host() : first(name);
  }

  /** Returns {@code Host}, cached because each request needs it several times. */
  private String host() {
    if (host == null) {
      host = first(HttpHeaderNames.HOST);
    }
    return host;
  }

  @SuppressWarnings("NullAway") // null as in Netty's own headers
  private String first(CharSequence name) {
    int at = lines.find(name, 0);
    return at < 0 ? null : lines.value(at);
  }

  @Override
  public String get(String name) {
    return get((CharSequence) name);
  }

  @Override
  public List<String> getAll(CharSequence name) {
    if (full != null) {
      return full.getAll(name);
    }
    int at = lines.find(name, 0);
    if (at < 0) {
      return List.of();
    }
    List<String> all = new ArrayList<>(2);
    for (; at >= 0; at = lines.find(name, at + 1)) {
      all.add(lines.value(at));
    }
    return all;
  }

  @Override
  public List<String> getAll(String name) {
    return getAll((CharSequence) name);
  }

  @Override
  public boolean contains(CharSequence name) {
    return full != null ? full.contains(name) : lines.find(name, 0) >= 0;
  }

  @Override
  public boolean contains(String name) {
    return contains((CharSequence) name);
  }

  @Override
  public boolean containsValue(CharSequence name, CharSequence value, boolean ignoreCase) {
    return contains(name) && super.containsValue(name, value, ignoreCase);
  }

  @Override
  public boolean isEmpty() {
    return size() == 0;
  }

  @Override
  public int size() {
    return full != null ? full.size() : lines.count();
  }

  @Override
  public Iterator<Entry<CharSequence, CharSequence>> iteratorCharSequence() {
    return full != null ? full.iteratorCharSequence() : new Fields(lines);
  }

  private static final class Fields implements Iterator<Entry<CharSequence, CharSequence>> {
    private final HeadLines lines;
    private int next;

    Fields(HeadLines lines) {
      this.lines = lines;
    }

    @Override
    public boolean hasNext() {
      return next < lines.count();
    }

    @Override
    public Entry<CharSequence, CharSequence> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Entry<CharSequence, CharSequence> field = Map.entry(lines.name(next), lines.value(next));
      next++;
      return field;
    }
  }

  @Override
  public HttpHeaders add(CharSequence name, Object value) {
    if (!isPlainField(name, value) || !append(name, value)) {
      full().add(name, value);
    }
    return this;
  }

  @Override
  public HttpHeaders add(String name, Object value) {
    return add((CharSequence) name, value);
  }

  @Override
  public HttpHeaders set(CharSequence name, Object value) {
    if (isPlainField(name, value)) {
      lines.remove(name);
      if (append(name, value)) {
        return this;
      }
    }
    full().set(name, value);
    return this;
  }

  @Override
  public HttpHeaders set(String name, Object value) {
    return set((CharSequence) name, value);
  }

  private boolean isPlainField(CharSequence name, Object value) {
    return full == null && value instanceof CharSequence text && PlainHead.isField(name, text);
  }

  private boolean append(CharSequence name, Object value) {
    host = null;
    return lines.add(name, (CharSequence) value);
  }

  @Override
  public HttpHeaders remove(CharSequence name) {
    if (full != null) {
      full.remove(name);
    } else {
      host = null;
      lines.remove(name);
    }
    return this;
  }

  @Override
  public HttpHeaders remove(String name) {
    return remove((CharSequence) name);
  }
}
