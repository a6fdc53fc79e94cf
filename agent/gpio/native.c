// What node lacks to speak to a GPIO chip or a serial port: ioctl(2), at once or in a thread of its pool, and
// a wake-up of its own loop when a descriptor can be read. Knows nothing of either. Compiled by
// scripts/build.ts into .build/gpio.node; node's stable ABI, so one binary serves every release. For the main
// thread: a worker that ends would have to unwatch.
#define NAPI_VERSION 8
#include <errno.h>
#include <node_api.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <uv.h>

typedef struct {
  uv_poll_t poll;
  napi_env env;
  napi_ref callback;
  napi_async_context context;
} watch_t;

// An error as node's own fs throws it: code EBUSY, message "EBUSY: resource busy or locked, ioctl".
static napi_value throw_errno(napi_env env, int error, const char *call) {
  char text[160];
  snprintf(text, sizeof text, "%s: %s, %s", uv_err_name(error), uv_strerror(error), call);
  napi_throw_error(env, uv_err_name(error), text);
  return NULL;
}

typedef struct {
  int32_t fd;
  uint32_t request;
  void *data;
} call_t;

// Requests from before sizes were part of their numbers: we use such as take an int (TIOCMGET).
static size_t size_of(uint32_t request) {
  return _IOC_SIZE(request) ? _IOC_SIZE(request) : sizeof(int);
}

static bool call_in(napi_env env, napi_value *argv, call_t *call) {
  size_t length = 0;
  bool is_right = napi_get_value_int32(env, argv[0], &call->fd) == napi_ok &&
                  napi_get_value_uint32(env, argv[1], &call->request) == napi_ok &&
                  napi_get_buffer_info(env, argv[2], &call->data, &length) == napi_ok &&
                  length >= size_of(call->request);
  if (!is_right)
    napi_throw_type_error(env, NULL, "ioctl(fd, request, buffer as large as the request says)");
  return is_right;
}

// 0, or what went wrong, negative as libuv has it.
static int call(const call_t *call) {
  int result;
  do {
    result = ioctl(call->fd, call->request, call->data);
  } while (result == -1 && errno == EINTR);
  return result == -1 ? -errno : 0;
}

static napi_value js_ioctl(napi_env env, napi_callback_info info) {
  size_t argc = 3;
  napi_value argv[3];
  call_t what;
  napi_get_cb_info(env, info, &argc, argv, NULL, NULL);
  if (!call_in(env, argv, &what)) return NULL;
  int error = call(&what);
  return error < 0 ? throw_errno(env, error, "ioctl") : NULL;
}

typedef struct {
  call_t what;
  int error;
  napi_async_work work;
  napi_ref buffer, callback;
} later_t;

static void on_thread(napi_env env, void *data) {
  later_t *later = data;
  (void)env;
  later->error = call(&later->what);
}

static void on_called(napi_env env, napi_status status, void *data) {
  later_t *later = data;
  napi_value receiver, callback, code;
  (void)status;
  napi_get_global(env, &receiver);
  napi_get_reference_value(env, later->callback, &callback);
  if (later->error == 0) napi_get_null(env, &code);
  else napi_create_string_utf8(env, uv_err_name(later->error), NAPI_AUTO_LENGTH, &code);
  napi_delete_reference(env, later->buffer);
  napi_delete_reference(env, later->callback);
  napi_delete_async_work(env, later->work);
  free(later);
  napi_call_function(env, receiver, callback, 1, &code, NULL);
}

// ioctlLater(fd, request, buffer, callback(code or null)): for devices that take their time, such as a serial
// adapter that asks across USB.
static napi_value js_ioctl_later(napi_env env, napi_callback_info info) {
  size_t argc = 4;
  napi_value argv[4], name;
  napi_valuetype type;
  call_t what;
  napi_get_cb_info(env, info, &argc, argv, NULL, NULL);
  if (!call_in(env, argv, &what)) return NULL;
  napi_typeof(env, argv[3], &type);
  if (type != napi_function) {
    napi_throw_type_error(env, NULL, "ioctlLater(fd, request, buffer, callback)");
    return NULL;
  }
  later_t *later = calloc(1, sizeof *later);
  if (later == NULL) return throw_errno(env, UV_ENOMEM, "ioctl");
  later->what = what;
  napi_create_reference(env, argv[2], 1, &later->buffer);
  napi_create_reference(env, argv[3], 1, &later->callback);
  napi_create_string_utf8(env, "ioctl", NAPI_AUTO_LENGTH, &name);
  napi_create_async_work(env, NULL, name, on_thread, on_called, later, &later->work);
  napi_queue_async_work(env, later->work);
  return NULL;
}

static void on_ready(uv_poll_t *poll, int status, int events) {
  watch_t *watch = poll->data;
  napi_env env = watch->env;
  napi_handle_scope scope;
  napi_value receiver, callback, failed, error;
  (void)events;
  uv_poll_stop(poll);
  napi_open_handle_scope(env, &scope);
  napi_get_global(env, &receiver);
  napi_get_reference_value(env, watch->callback, &callback);
  napi_get_boolean(env, status < 0, &failed);
  if (napi_make_callback(env, watch->context, receiver, callback, 1, &failed, NULL) ==
      napi_pending_exception) {
    napi_get_and_clear_last_exception(env, &error);
    napi_fatal_exception(env, error);
  }
  napi_close_handle_scope(env, scope);
}

static void on_closed(uv_handle_t *handle) { free(handle->data); }

static watch_t *watch_in(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value argv[1];
  void *watch = NULL;
  napi_get_cb_info(env, info, &argc, argv, NULL, NULL);
  if (argc != 1 || napi_get_value_external(env, argv[0], &watch) != napi_ok)
    napi_throw_type_error(env, NULL, "what watch() returned");
  return watch;
}

// watch(fd, callback(failed)): calls back once; arm() asks for one more. From now on the descriptor does
// not block. Returns what arm() and unwatch() take.
static napi_value js_watch(napi_env env, napi_callback_info info) {
  size_t argc = 2;
  napi_value argv[2], name, handle;
  napi_valuetype type = napi_undefined;
  int32_t fd;
  uv_loop_t *loop;
  napi_get_cb_info(env, info, &argc, argv, NULL, NULL);
  if (argc == 2) napi_typeof(env, argv[1], &type);
  if (type != napi_function || napi_get_value_int32(env, argv[0], &fd) != napi_ok) {
    napi_throw_type_error(env, NULL, "watch(fd, callback)");
    return NULL;
  }
  watch_t *watch = calloc(1, sizeof *watch);
  if (watch == NULL) return throw_errno(env, UV_ENOMEM, "watch");
  watch->env = env;
  napi_get_uv_event_loop(env, &loop);
  int error = uv_poll_init(loop, &watch->poll, fd);
  if (error < 0) {
    free(watch);
    return throw_errno(env, error, "watch");
  }
  watch->poll.data = watch;
  napi_create_string_utf8(env, "gpio", NAPI_AUTO_LENGTH, &name);
  napi_async_init(env, NULL, name, &watch->context);
  napi_create_reference(env, argv[1], 1, &watch->callback);
  uv_poll_start(&watch->poll, UV_READABLE, on_ready);
  napi_create_external(env, watch, NULL, NULL, &handle);
  return handle;
}

static napi_value js_arm(napi_env env, napi_callback_info info) {
  watch_t *watch = watch_in(env, info);
  if (watch != NULL) uv_poll_start(&watch->poll, UV_READABLE, on_ready);
  return NULL;
}

// unwatch(handle), once, and before the descriptor is closed.
static napi_value js_unwatch(napi_env env, napi_callback_info info) {
  watch_t *watch = watch_in(env, info);
  if (watch == NULL) return NULL;
  napi_delete_reference(env, watch->callback);
  napi_async_destroy(env, watch->context);
  uv_poll_stop(&watch->poll);
  uv_close((uv_handle_t *)&watch->poll, on_closed);
  return NULL;
}

NAPI_MODULE_INIT() {
  napi_property_descriptor all[] = {
      {"ioctl", NULL, js_ioctl, NULL, NULL, NULL, napi_enumerable, NULL},
      {"ioctlLater", NULL, js_ioctl_later, NULL, NULL, NULL, napi_enumerable, NULL},
      {"watch", NULL, js_watch, NULL, NULL, NULL, napi_enumerable, NULL},
      {"arm", NULL, js_arm, NULL, NULL, NULL, napi_enumerable, NULL},
      {"unwatch", NULL, js_unwatch, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  napi_define_properties(env, exports, sizeof all / sizeof *all, all);
  return exports;
}
