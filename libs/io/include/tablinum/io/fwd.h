#pragma once
/// Names of the module, for headers that only pass references along.
namespace tablinum::io {

template <class T>
class [[nodiscard]] Task;
template <class T>
class Future;
template <class T>
class LocalChannel;
template <class T>
class Channel;
class Io;
class Scope;
class System;
struct Context;
struct Core;
struct Operation;
struct Ready;
struct Timer;
struct Descriptor;
class OffloadPool;
class Endpoint;
class TcpSocket;
class TcpListener;
class File;
class Event;
class Semaphore;
class Mutex;

}  // namespace tablinum::io
