// The package's binding and four functions more, in one translation unit.
//
// The package's binding runs single ops. To run a whole training step as one TensorFlow function, the ops have to be put
// into a TF_Graph first. The functions below do that, and nothing else knows about TF_Graph:
//
//   graphBegin()                                             starts an empty graph
//   graphOp(op, inputs, list, controls, attrs)               adds a node; returns {node, outputs: [{shape | null, dtype}]}
//   graphEnd(functionName, inputs, outputs, controls)        makes the graph a function of the eager context
//   removeFunction(functionName)                             takes the function away again
//
// `inputs` and `outputs` are flat arrays of pairs (node, output); `list` is [first, count] of the inputs that form one list
// input, or []. A node is its index in the order of graphOp calls. TensorFlow infers the shapes; an unknown one is null.
// A function is called like any op: executeOp(functionName, [], tensorIds, outputCount).
//
// One defect of the package is fixed. It lends the memory of a JavaScript array to TensorFlow and gives the array back when
// TensorFlow releases it, on whichever thread that happens; but references to JavaScript values belong to the thread of
// JavaScript, and given back on another they corrupt the heap. Here TensorFlow gets a copy, and the array goes back at once.

#include <algorithm>
#include <cstring>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "tensorflow/c/c_api.h"
#include "tensorflow/c/eager/c_api.h"

namespace paddock {

// In place of TF_NewTensor, with the same arguments.
static TF_Tensor *CopiedTensor(TF_DataType dtype, const int64_t *shape, int rank, void *data, size_t bytes,
                               void (*give_back)(void *data, size_t bytes, void *array), void *array) {
  TF_Tensor *tensor = TF_AllocateTensor(dtype, shape, rank, bytes);
  if (bytes > 0) std::memcpy(TF_TensorData(tensor), data, bytes);
  give_back(data, bytes, array);
  return tensor;
}

}  // namespace paddock

#define TF_NewTensor paddock::CopiedTensor

// The eager context is a private member of the package's class, and the package offers no other way to it.
#define private public
#include "tfjs_backend.h"
#undef private
#include "tfjs_backend.cc"
#undef TF_NewTensor

#undef NAPI_MODULE
#define NAPI_MODULE(name, init)
#include "tfjs_binding.cc"

namespace paddock {

using tfnodejs::NapiThrowError;
using tfnodejs::TF_AutoStatus;

// Attribute type of a tensor constant; the package's own types are TF_AttrType.
constexpr int kTensorAttr = 100;

static TF_Graph *graph = nullptr;
static std::vector<TF_Operation *> nodes;

static void CloseGraph() {
  if (graph) TF_DeleteGraph(graph);
  graph = nullptr;
  nodes.clear();
}

// --- reading JavaScript values; the callers are ours alone, so a wrong type gives zero values rather than a message

static napi_value Property(napi_env env, napi_value object, const char *name) {
  napi_value value = nullptr;
  napi_get_named_property(env, object, name, &value);
  return value;
}

static std::string String(napi_env env, napi_value value) {
  size_t length = 0;
  napi_get_value_string_utf8(env, value, nullptr, 0, &length);
  std::string text(length, '\0');
  napi_get_value_string_utf8(env, value, &text[0], length + 1, &length);
  return text;
}

static int64_t Integer(napi_env env, napi_value value) {
  int64_t number = 0;
  napi_get_value_int64(env, value, &number);
  return number;
}

static bool IsList(napi_env env, napi_value value) {
  bool is_array = false;
  napi_is_array(env, value, &is_array);
  return is_array;
}

static std::vector<napi_value> List(napi_env env, napi_value array) {
  uint32_t count = 0;
  napi_get_array_length(env, array, &count);
  std::vector<napi_value> values(count);
  for (uint32_t i = 0; i < count; i++) napi_get_element(env, array, i, &values[i]);
  return values;
}

static std::vector<int64_t> Integers(napi_env env, napi_value array) {
  std::vector<int64_t> numbers;
  for (napi_value value : List(env, array)) numbers.push_back(Integer(env, value));
  return numbers;
}

static std::vector<TF_Output> Outputs(napi_env env, napi_value pairs) {
  std::vector<int64_t> flat = Integers(env, pairs);
  std::vector<TF_Output> outputs;
  for (size_t i = 0; i + 1 < flat.size(); i += 2) outputs.push_back({nodes.at(flat[i]), static_cast<int>(flat[i + 1])});
  return outputs;
}

static std::vector<napi_value> Arguments(napi_env env, napi_callback_info info, size_t count) {
  std::vector<napi_value> arguments(count);
  napi_get_cb_info(env, info, &count, arguments.data(), nullptr, nullptr);
  return arguments;
}

static bool Ok(napi_env env, const TF_AutoStatus &status, const std::string &where) {
  if (TF_GetCode(status.status) == TF_OK) return true;
  napi_throw_error(env, nullptr, (where + ": " + TF_Message(status.status)).c_str());
  return false;
}

// --- attributes of a node

static void SetTensor(napi_env env, TF_OperationDescription *description, const char *name, napi_value value, TF_Status *status) {
  std::vector<int64_t> shape = Integers(env, Property(env, value, "shape"));
  TF_DataType dtype = static_cast<TF_DataType>(Integer(env, Property(env, value, "dtype")));
  napi_typedarray_type type;
  size_t length = 0, offset = 0;
  void *data = nullptr;
  napi_value buffer;
  napi_get_typedarray_info(env, Property(env, value, "data"), &type, &length, &data, &buffer, &offset);
  size_t bytes = length * TF_DataTypeSize(dtype);
  TF_Tensor *tensor = TF_AllocateTensor(dtype, shape.data(), shape.size(), bytes);
  std::memcpy(TF_TensorData(tensor), data, bytes);
  TF_SetAttrTensor(description, name, tensor, status);
  TF_DeleteTensor(tensor);
}

static void SetStrings(napi_env env, TF_OperationDescription *description, const char *name, napi_value value) {
  std::vector<std::string> texts;
  for (napi_value item : List(env, value)) texts.push_back(String(env, item));
  std::vector<const void *> pointers;
  std::vector<size_t> lengths;
  for (const std::string &text : texts) {
    pointers.push_back(text.data());
    lengths.push_back(text.size());
  }
  TF_SetAttrStringList(description, name, pointers.data(), lengths.data(), texts.size());
}

static void SetTypes(napi_env env, TF_OperationDescription *description, const char *name, napi_value value) {
  std::vector<TF_DataType> types;
  for (int64_t type : Integers(env, value)) types.push_back(static_cast<TF_DataType>(type));
  TF_SetAttrTypeList(description, name, types.data(), types.size());
}

static void SetAttribute(napi_env env, TF_OperationDescription *description, napi_value attribute, TF_Status *status) {
  std::string name = String(env, Property(env, attribute, "name"));
  napi_value value = Property(env, attribute, "value");
  bool list = IsList(env, value);
  switch (Integer(env, Property(env, attribute, "type"))) {
    case TF_ATTR_STRING: {
      if (list) return SetStrings(env, description, name.c_str(), value);
      std::string text = String(env, value);
      return TF_SetAttrString(description, name.c_str(), text.data(), text.size());
    }
    case TF_ATTR_INT: {
      if (!list) return TF_SetAttrInt(description, name.c_str(), Integer(env, value));
      std::vector<int64_t> numbers = Integers(env, value);
      return TF_SetAttrIntList(description, name.c_str(), numbers.data(), numbers.size());
    }
    case TF_ATTR_FLOAT: {
      double number = 0;
      napi_get_value_double(env, value, &number);
      return TF_SetAttrFloat(description, name.c_str(), static_cast<float>(number));
    }
    case TF_ATTR_BOOL: {
      bool flag = false;
      napi_get_value_bool(env, value, &flag);
      return TF_SetAttrBool(description, name.c_str(), flag);
    }
    case TF_ATTR_TYPE:
      if (list) return SetTypes(env, description, name.c_str(), value);
      return TF_SetAttrType(description, name.c_str(), static_cast<TF_DataType>(Integer(env, value)));
    case TF_ATTR_SHAPE: {
      std::vector<int64_t> shape = Integers(env, value);
      return TF_SetAttrShape(description, name.c_str(), shape.data(), shape.size());
    }
    case kTensorAttr:
      return SetTensor(env, description, name.c_str(), value, status);
    default:
      TF_SetStatus(status, TF_INVALID_ARGUMENT, ("attribute " + name + " has a type that graphOp does not know").c_str());
  }
}

// --- what a node gives back

static napi_value OutputInfo(napi_env env, TF_Output output) {
  TF_AutoStatus status;
  napi_value info, shape, dtype;
  napi_create_object(env, &info);
  int rank = TF_GraphGetTensorNumDims(graph, output, status.status);
  if (rank < 0) {
    napi_get_null(env, &shape);
  } else {
    std::vector<int64_t> sizes(std::max(rank, 1));
    TF_GraphGetTensorShape(graph, output, sizes.data(), rank, status.status);
    napi_create_array_with_length(env, rank, &shape);
    for (int i = 0; i < rank; i++) {
      napi_value size;
      napi_create_int64(env, sizes[i], &size);
      napi_set_element(env, shape, i, size);
    }
  }
  napi_create_int32(env, TF_OperationOutputType(output), &dtype);
  napi_set_named_property(env, info, "shape", shape);
  napi_set_named_property(env, info, "dtype", dtype);
  return info;
}

static napi_value NodeInfo(napi_env env, TF_Operation *operation) {
  napi_value info, node, outputs;
  napi_create_object(env, &info);
  napi_create_int64(env, nodes.size() - 1, &node);
  int count = TF_OperationNumOutputs(operation);
  napi_create_array_with_length(env, count, &outputs);
  for (int i = 0; i < count; i++) napi_set_element(env, outputs, i, OutputInfo(env, {operation, i}));
  napi_set_named_property(env, info, "node", node);
  napi_set_named_property(env, info, "outputs", outputs);
  return info;
}

// --- the four functions

static napi_value GraphBegin(napi_env, napi_callback_info) {
  CloseGraph();
  graph = TF_NewGraph();
  return nullptr;
}

static napi_value GraphOp(napi_env env, napi_callback_info info) {
  std::vector<napi_value> arguments = Arguments(env, info, 5);
  std::string op = String(env, arguments[0]);
  std::vector<TF_Output> inputs = Outputs(env, arguments[1]);
  std::vector<int64_t> list = Integers(env, arguments[2]);
  std::string name = "n" + std::to_string(nodes.size());
  TF_AutoStatus status;
  TF_OperationDescription *description = TF_NewOperation(graph, op.c_str(), name.c_str());
  for (size_t i = 0; i < inputs.size(); i++) {
    if (list.size() == 2 && i == static_cast<size_t>(list[0])) {
      TF_AddInputList(description, &inputs[i], list[1]);
      i += list[1] - 1;
    } else {
      TF_AddInput(description, inputs[i]);
    }
  }
  for (int64_t control : Integers(env, arguments[3])) TF_AddControlInput(description, nodes.at(control));
  for (napi_value attribute : List(env, arguments[4])) {
    SetAttribute(env, description, attribute, status.status);
    if (!Ok(env, status, op)) return nullptr;
  }
  TF_Operation *operation = TF_FinishOperation(description, status.status);
  if (!Ok(env, status, op)) return nullptr;
  nodes.push_back(operation);
  return NodeInfo(env, operation);
}

static napi_value GraphEnd(napi_env env, napi_callback_info info) {
  tfnodejs::TFJSBackend *backend = tfnodejs::GetTFJSBackend(env);
  std::vector<napi_value> arguments = Arguments(env, info, 4);
  std::string name = String(env, arguments[0]);
  std::vector<TF_Output> inputs = Outputs(env, arguments[1]);
  std::vector<TF_Output> outputs = Outputs(env, arguments[2]);
  std::vector<const TF_Operation *> controls;
  for (int64_t control : Integers(env, arguments[3])) controls.push_back(nodes.at(control));
  std::vector<std::string> names;
  for (size_t i = 0; i < controls.size(); i++) names.push_back("c" + std::to_string(i));
  std::vector<const char *> control_names;
  for (const std::string &text : names) control_names.push_back(text.c_str());
  TF_AutoStatus status;
  TF_Function *function = TF_GraphToFunctionWithControlOutputs(
      graph, name.c_str(), 0, -1, nullptr, inputs.size(), inputs.data(), outputs.size(), outputs.data(), nullptr,
      controls.size(), controls.data(), control_names.data(), nullptr, nullptr, status.status);
  CloseGraph();
  if (!Ok(env, status, name)) return nullptr;
  TFE_ContextAddFunction(backend->tfe_context_, function, status.status);
  TF_DeleteFunction(function);
  Ok(env, status, name);
  return nullptr;
}

static napi_value RemoveFunction(napi_env env, napi_callback_info info) {
  tfnodejs::TFJSBackend *backend = tfnodejs::GetTFJSBackend(env);
  std::string name = String(env, Arguments(env, info, 1)[0]);
  TF_AutoStatus status;
  TFE_ContextRemoveFunction(backend->tfe_context_, name.c_str(), status.status);
  Ok(env, status, name);
  return nullptr;
}

static napi_value Init(napi_env env, napi_value exports) {
  exports = tfnodejs::InitTFNodeJSBinding(env, exports);
  if (!exports) return nullptr;
  napi_property_descriptor functions[] = {
      {"graphBegin", nullptr, GraphBegin, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"graphOp", nullptr, GraphOp, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"graphEnd", nullptr, GraphEnd, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"removeFunction", nullptr, RemoveFunction, nullptr, nullptr, nullptr, napi_default, nullptr},
  };
  napi_define_properties(env, exports, ARRAY_SIZE(functions), functions);
  return exports;
}

}  // namespace paddock

NAPI_MODULE_INIT() { return paddock::Init(env, exports); }
