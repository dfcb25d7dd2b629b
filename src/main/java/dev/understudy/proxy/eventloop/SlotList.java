package dev.understudy.proxy.eventloop;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A list without order. Adding and removing take constant time, as each element knows its index.
 */
// Elements are compared by identity.
@SuppressWarnings("ReferenceEquality")
public final class SlotList<E extends SlotList.Element> {
  /** An element of one list at a time. */
  public abstract static class Element {
    int slot = -1;

    /** Whether the element is in a list. */
    public final boolean isListed() {
      return slot >= 0;
    }
  }

  private final List<E> elements = new ArrayList<>(4);

  public int size() {
    return elements.size();
  }

  public boolean isEmpty() {
    return elements.isEmpty();
  }

  /** Adds an element that is in no list. */
  public void add(E element) {
    element.slot = elements.size();
    elements.add(element);
  }

  /** Removes the element. Returns false if it is in no list. */
  public boolean remove(E element) {
    if (!element.isListed()) {
      return false;
    }
    E last = elements.removeLast();
    if (last != element) {
      elements.set(element.slot, last);
      last.slot = element.slot;
    }
    element.slot = -1;
    return true;
  }

  /**
   * Calls the action for each element, the last first. The action may remove any element, which may
   * cause a second call for another one, and may add elements, which may get no call.
   */
  public void forEach(Consumer<? super E> action) {
    for (int i = elements.size() - 1; i >= 0; i--) {
      if (i < elements.size()) {
        action.accept(elements.get(i));
      }
    }
  }

  public boolean any(Predicate<? super E> condition) {
    return elements.stream().anyMatch(condition);
  }
}
