"""Churn: make customers, train a random forest on them, evaluate it."""
from kfp import dsl
from kfp.dsl import Dataset, Input, Metrics, Model, Output


# %% Load
@dsl.component(
    base_image="python:3.11",
    packages_to_install=["pandas==2.2.3", "pyarrow==18.1.0", "scikit-learn==1.6.0"],
)
def load_data(data: Output[Dataset], rows: int = 5000):
    """Make `rows` customers with ten features each, as Parquet."""
    import pandas as pd
    from sklearn.datasets import make_classification

    features, churned = make_classification(n_samples=rows, n_features=10, n_informative=6, random_state=7)
    frame = pd.DataFrame(features, columns=[f"feature_{i}" for i in range(features.shape[1])])
    frame["churned"] = churned
    frame.to_parquet(data.path)
    data.metadata["rows"] = len(frame)
    data.metadata["features"] = features.shape[1]
    print(f"wrote {len(frame)} rows, {frame['churned'].mean():.1%} of them churned")


# %% Train
@dsl.component(
    base_image="python:3.11",
    packages_to_install=["pandas==2.2.3", "pyarrow==18.1.0", "scikit-learn==1.6.0", "joblib==1.4.2"],
)
def train(dataset: Input[Dataset], out_model: Output[Model], n_estimators: int = 200):
    """Fit a random forest on four fifths of the customers."""
    import joblib
    import pandas as pd
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import train_test_split

    frame = pd.read_parquet(dataset.path)
    known, _ = train_test_split(frame, test_size=0.2, random_state=7)
    forest = RandomForestClassifier(n_estimators=n_estimators, n_jobs=2, random_state=7)
    forest.fit(known.drop(columns="churned"), known["churned"])
    joblib.dump(forest, out_model.path)
    out_model.metadata["framework"] = "sklearn"
    out_model.metadata["n_estimators"] = n_estimators
    print(f"fitted {n_estimators} trees on {len(known)} rows")


# %% Evaluate
@dsl.component(
    base_image="python:3.11",
    packages_to_install=["pandas==2.2.3", "pyarrow==18.1.0", "scikit-learn==1.6.0", "joblib==1.4.2"],
)
def evaluate(dataset: Input[Dataset], model: Input[Model], metrics: Output[Metrics]):
    """Score the model on the fifth it has not seen."""
    import joblib
    import pandas as pd
    from sklearn.metrics import accuracy_score, f1_score
    from sklearn.model_selection import train_test_split

    frame = pd.read_parquet(dataset.path)
    _, unseen = train_test_split(frame, test_size=0.2, random_state=7)
    predicted = joblib.load(model.path).predict(unseen.drop(columns="churned"))
    metrics.log_metric("f1", float(f1_score(unseen["churned"], predicted)))
    metrics.log_metric("accuracy", float(accuracy_score(unseen["churned"], predicted)))
    print(f"f1 {metrics.metadata['f1']:.3f}, accuracy {metrics.metadata['accuracy']:.3f}")


# %% Pipeline
@dsl.pipeline(name="churn-training-v2", description="Load customers, train a random forest, evaluate it.")
def churn(rows: int = 5000, n_estimators: int = 200):
    loaded = load_data(rows=rows)
    trained = train(dataset=loaded.outputs["data"], n_estimators=n_estimators)
    evaluate(dataset=loaded.outputs["data"], model=trained.outputs["out_model"])
